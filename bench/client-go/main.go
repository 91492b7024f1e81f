// Command rival is the other side of a comparison: client-go's leader election with its usual settings,
// behind the same question as opsctl's elector (GET /master), and the judge that asks both sides alike.
//
//	rival candidate              in a pod; POD_NAME, POD_NAMESPACE, LEASE, BARRIER, RELEASE from the environment
//	rival judge [flags] NAME=HOST:PORT ...
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// answer is what both sides say at /master, as far as it is compared.
type answer struct {
	Pod     string `json:"pod"`
	Epoch   uint64 `json:"epoch"`
	Leading bool   `json:"leading"`
	Agreed  bool   `json:"agreed"`
}

func main() {
	if len(os.Args) < 2 {
		fail(2, "rival candidate | rival judge [flags] NAME=HOST:PORT ...")
	}
	switch os.Args[1] {
	case "candidate":
		candidate()
	case "judge":
		judge(os.Args[2:])
	default:
		fail(2, "no such part: %s", os.Args[1])
	}
}

func fail(code int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(code)
}

func candidate() {
	// As client-go's users do it: a container that runs again is another candidate.
	me := fmt.Sprintf("%s_%d", os.Getenv("POD_NAME"), time.Now().UnixNano())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	var lock sync.Mutex
	var leader string
	http.HandleFunc("/master", func(w http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		now := answer{Pod: leader, Leading: leader == me, Agreed: leader != ""}
		lock.Unlock()
		_ = json.NewEncoder(w).Encode(now)
	})
	go func() { fail(1, "%v", http.ListenAndServe(":8080", nil)) }()

	config, err := rest.InClusterConfig()
	if err != nil {
		fail(1, "%v", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		fail(1, "%v", err)
	}
	if file := os.Getenv("BARRIER"); file != "" {
		waitFor(ctx, file)
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: os.Getenv("LEASE"), Namespace: os.Getenv("POD_NAMESPACE")},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: me},
		},
		// What kube-scheduler, kube-controller-manager and controller-runtime use.
		LeaseDuration:   15 * time.Second,
		RenewDeadline:   10 * time.Second,
		RetryPeriod:     2 * time.Second,
		ReleaseOnCancel: os.Getenv("RELEASE") == "true",
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) {},
			OnStoppedLeading: func() { os.Exit(0) },
			OnNewLeader: func(identity string) {
				lock.Lock()
				leader = identity
				lock.Unlock()
			},
		},
	})
}

// waitFor waits for a file, and then until the Unix time in milliseconds that it holds.
func waitFor(ctx context.Context, file string) {
	for ctx.Err() == nil {
		text, _ := os.ReadFile(file)
		if at, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			time.Sleep(time.Until(time.UnixMilli(at)))
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// judge asks all candidates without pause, and prints the milliseconds until they agreed, and on whom.
func judge(args []string) {
	flags := flag.NewFlagSet("judge", flag.ExitOnError)
	since := flags.Int64("since", time.Now().UnixMilli(), "count from this Unix time in milliseconds")
	former := flags.String("former", "", "a leader (POD@EPOCH, as printed) that does not count any more")
	limit := flags.Duration("limit", time.Minute, "give up after this")
	_ = flags.Parse(args)

	var lock sync.Mutex
	said := map[string]answer{}
	client := &http.Client{Timeout: 500 * time.Millisecond}
	agreed := make(chan string, 1)
	for _, arg := range flags.Args() {
		name, at, ok := strings.Cut(arg, "=")
		if !ok {
			fail(2, "no NAME=HOST:PORT: %s", arg)
		}
		go func() {
			for {
				var now answer
				if reply, err := client.Get("http://" + at + "/master"); err == nil {
					_ = json.NewDecoder(reply.Body).Decode(&now)
					reply.Body.Close()
				}
				lock.Lock()
				said[name] = now
				if leader := verdict(said, flags.NArg(), *former); leader != "" {
					select {
					case agreed <- fmt.Sprintf("%d %s", time.Now().UnixMilli()-*since, leader):
					default:
					}
				}
				lock.Unlock()
				time.Sleep(10 * time.Millisecond)
			}
		}()
	}
	select {
	case line := <-agreed:
		fmt.Println(line)
	case <-time.After(time.Until(time.UnixMilli(*since)) + *limit):
		fail(1, "no agreement: %v", said)
	}
}

// verdict is the leader that everybody names and that says so itself, if there is one. Of one pod, another
// epoch is another leader.
func verdict(said map[string]answer, count int, former string) string {
	if len(said) != count {
		return ""
	}
	leader, leads := "", false
	for _, one := range said {
		name := fmt.Sprintf("%s@%d", one.Pod, one.Epoch)
		if one.Pod == "" || name == former || !one.Agreed || leader != "" && leader != name {
			return ""
		}
		leader = name
		leads = leads || one.Leading
	}
	// After another's end a pod that came later may lead; it was not asked.
	pod, _, _ := strings.Cut(leader, "@")
	pod, _, _ = strings.Cut(pod, "_")
	if _, asked := said[pod]; !leads && (asked || former == "") {
		return ""
	}
	return leader
}
