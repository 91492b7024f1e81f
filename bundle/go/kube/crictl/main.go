// Command crictl speaks the container runtime interface as far as minikube and a person at a node need it:
// version, info, ps, images, pull, stop, rm, rmi. Flags and output are those of the tool it is named after.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const defaultEndpoint = "unix:///run/containerd/containerd.sock"

// bare lists the flags that take no value; every other one takes the next word, unless it has a "=".
var bare = map[string]bool{
	"a": true, "all": true, "q": true, "quiet": true, "f": true, "force": true, "no-trunc": true,
	"v": true, "version": true, "D": true, "debug": true, "prune": true,
}

// long gives the short flags their one meaning. -t is a timeout wherever minikube writes it.
var long = map[string]string{
	"a": "all", "q": "quiet", "f": "force", "v": "version", "r": "runtime-endpoint", "i": "image-endpoint",
	"o": "output", "s": "state", "t": "timeout",
}

type request struct {
	verb   string
	args   []string
	flags  map[string]string
	labels map[string]string
}

func parse(words []string) (request, error) {
	r := request{flags: map[string]string{}, labels: map[string]string{}}
	for i := 0; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") || word == "-" {
			if r.verb == "" {
				r.verb = word
			} else {
				r.args = append(r.args, word)
			}
			continue
		}
		name, value, attached := strings.Cut(strings.TrimLeft(word, "-"), "=")
		if !attached && !bare[name] {
			if i++; i == len(words) {
				return r, fmt.Errorf("%s needs a value", word)
			}
			value = words[i]
		}
		if full, ok := long[name]; ok {
			name = full
		}
		if name == "label" {
			key, want, _ := strings.Cut(value, "=")
			r.labels[key] = want
		}
		r.flags[name] = value
	}
	return r, nil
}

func (r request) has(flag string) bool {
	_, ok := r.flags[flag]
	return ok
}

// endpoint is the flag's, else that of /etc/crictl.yaml, else containerd's.
func (r request) endpoint() string {
	address := r.flags["runtime-endpoint"]
	if address == "" {
		config, _ := os.ReadFile("/etc/crictl.yaml")
		for line := range strings.Lines(string(config)) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "runtime-endpoint:"); ok {
				address = strings.Trim(strings.TrimSpace(value), `"'`)
			}
		}
	}
	switch {
	case address == "":
		return defaultEndpoint
	case strings.HasPrefix(address, "/"):
		return "unix://" + address
	}
	return address
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}

func run(words []string) error {
	r, err := parse(words)
	if err != nil {
		return err
	}
	if r.has("version") {
		fmt.Println("crictl version v1.34.0")
		return nil
	}
	if r.verb == "" {
		return fmt.Errorf("no command; there are version, info, ps, images, pull, stop, rm, rmi")
	}
	conn, err := grpc.NewClient(r.endpoint(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	// Outside "stop", whose flag is the container's grace period, --timeout limits the connection; a pull
	// of a large image may still take minutes.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	client := client{r, cri.NewRuntimeServiceClient(conn), cri.NewImageServiceClient(conn)}
	switch r.verb {
	case "version":
		return client.version(ctx)
	case "info":
		return client.info(ctx)
	case "ps":
		return client.ps(ctx)
	case "images", "image":
		return client.listImages(ctx)
	case "pull":
		return client.each(func(name string) error {
			got, err := client.images.PullImage(ctx, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: name}})
			if err == nil {
				fmt.Println("Image is up to date for", got.ImageRef)
			}
			return err
		})
	case "stop":
		return client.each(func(id string) error { return client.stop(ctx, id, r.grace()) })
	case "rm":
		return client.each(func(id string) error {
			if r.has("force") {
				if err := client.stop(ctx, id, 0); err != nil {
					return err
				}
			}
			_, err := client.runtime.RemoveContainer(ctx, &cri.RemoveContainerRequest{ContainerId: id})
			return err
		})
	case "rmi":
		return client.each(func(name string) error {
			_, err := client.images.RemoveImage(ctx, &cri.RemoveImageRequest{Image: &cri.ImageSpec{Image: name}})
			return err
		})
	}
	return fmt.Errorf("%q is not among version, info, ps, images, pull, stop, rm, rmi", r.verb)
}

// grace is stop's --timeout in seconds, with or without the unit.
func (r request) grace() int64 {
	text := strings.TrimSuffix(r.flags["timeout"], "s")
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return seconds
}

type client struct {
	request
	runtime cri.RuntimeServiceClient
	images  cri.ImageServiceClient
}

// each goes on past a failure and reports the first.
func (c client) each(act func(string) error) error {
	if len(c.args) == 0 {
		return fmt.Errorf("%s: name at least one", c.verb)
	}
	var first error
	for _, arg := range c.args {
		if err := act(arg); err != nil && first == nil {
			first = fmt.Errorf("%s %s: %w", c.verb, arg, err)
		}
	}
	return first
}

func (c client) stop(ctx context.Context, id string, grace int64) error {
	_, err := c.runtime.StopContainer(ctx, &cri.StopContainerRequest{ContainerId: id, Timeout: grace})
	return err
}

func (c client) version(ctx context.Context) error {
	got, err := c.runtime.Version(ctx, &cri.VersionRequest{})
	if err != nil {
		return err
	}
	fmt.Printf("Version:  %s\nRuntimeName:  %s\nRuntimeVersion:  %s\nRuntimeApiVersion:  %s\n",
		got.Version, got.RuntimeName, got.RuntimeVersion, got.RuntimeApiVersion)
	return nil
}

// info prints the runtime's status; its verbose parts are JSON in strings and are unfolded.
func (c client) info(ctx context.Context) error {
	got, err := c.runtime.Status(ctx, &cri.StatusRequest{Verbose: true})
	if err != nil {
		return err
	}
	report := map[string]any{"status": got.Status}
	for name, text := range got.Info {
		if json.Valid([]byte(text)) {
			report[name] = json.RawMessage(text)
		} else {
			report[name] = text
		}
	}
	return print(report)
}

var states = map[string]cri.ContainerState{
	"created": cri.ContainerState_CONTAINER_CREATED,
	"running": cri.ContainerState_CONTAINER_RUNNING,
	"exited":  cri.ContainerState_CONTAINER_EXITED,
	"unknown": cri.ContainerState_CONTAINER_UNKNOWN,
}

func (c client) ps(ctx context.Context) error {
	filter := &cri.ContainerFilter{LabelSelector: c.labels}
	if word := strings.ToLower(c.flags["state"]); word != "" {
		state, ok := states[word]
		if !ok {
			return fmt.Errorf("no state %q", word)
		}
		filter.State = &cri.ContainerStateValue{State: state}
	} else if !c.has("all") {
		filter.State = &cri.ContainerStateValue{State: cri.ContainerState_CONTAINER_RUNNING}
	}
	name, err := regexp.Compile(c.flags["name"])
	if err != nil {
		return err
	}
	got, err := c.runtime.ListContainers(ctx, &cri.ListContainersRequest{Filter: filter})
	if err != nil {
		return err
	}
	kept := []*cri.Container{}
	for _, container := range got.Containers {
		if name.MatchString(container.GetMetadata().GetName()) {
			kept = append(kept, container)
		}
	}
	switch {
	case c.has("quiet"):
		for _, container := range kept {
			fmt.Println(container.Id)
		}
		return nil
	case c.flags["output"] == "json":
		return print(map[string]any{"containers": kept})
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "CONTAINER\tSTATE\tNAME\tPOD\tNAMESPACE")
	for _, container := range kept {
		fmt.Fprintf(out, "%.13s\t%s\t%s\t%s\t%s\n", container.Id,
			strings.TrimPrefix(container.State.String(), "CONTAINER_"), container.GetMetadata().GetName(),
			container.Labels["io.kubernetes.pod.name"], container.Labels["io.kubernetes.pod.namespace"])
	}
	return out.Flush()
}

// image has the names of the JSON that minikube reads.
type image struct {
	ID          string   `json:"id"`
	RepoTags    []string `json:"repoTags"`
	RepoDigests []string `json:"repoDigests"`
	Size        string   `json:"size"`
	Username    string   `json:"username"`
	Pinned      bool     `json:"pinned"`
}

func (c client) listImages(ctx context.Context) error {
	filter := &cri.ImageFilter{}
	if len(c.args) > 0 {
		filter.Image = &cri.ImageSpec{Image: c.args[0]}
	}
	got, err := c.images.ListImages(ctx, &cri.ListImagesRequest{Filter: filter})
	if err != nil {
		return err
	}
	list := []image{}
	for _, i := range got.Images {
		// An absent list must be [], not null.
		list = append(list, image{
			i.Id, append([]string{}, i.RepoTags...), append([]string{}, i.RepoDigests...),
			strconv.FormatUint(i.Size, 10), i.Username, i.Pinned,
		})
	}
	switch {
	case c.has("quiet"):
		for _, i := range list {
			fmt.Println(i.ID)
		}
		return nil
	case c.flags["output"] == "json":
		return print(map[string]any{"images": list})
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "IMAGE\tIMAGE ID\tSIZE")
	for _, i := range list {
		fmt.Fprintf(out, "%s\t%.19s\t%s\n", strings.Join(i.RepoTags, " "), i.ID, i.Size)
	}
	return out.Flush()
}

func print(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err == nil {
		fmt.Println(string(text))
	}
	return err
}
