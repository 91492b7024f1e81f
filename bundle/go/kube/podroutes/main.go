// Command podroutes is the pod network of a small cluster whose nodes share one link: it writes the node's
// CNI configuration from its podCIDR and keeps one route for each other node.
//
// It needs no overlay and no image but its own. It enforces no NetworkPolicy.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	core "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const (
	conflist = "/etc/cni/net.d/10-podroutes.conflist"
	// Whatever else changes rules is put right within this time.
	again = 15 * time.Second
	// Routes that this command made are known by it, and only those are ever removed.
	protocol netlink.RouteProtocol = 171
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("NODE_NAME"), os.Getenv("POD_SUBNET")); err != nil {
		log.Fatal("podroutes: ", err)
	}
}

func run(ctx context.Context, self, subnet string) error {
	if self == "" {
		return errors.New("NODE_NAME is not set")
	}
	if _, _, err := net.ParseCIDR(subnet); err != nil {
		return fmt.Errorf("POD_SUBNET: %w", err)
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	// The service address needs kube-proxy, and pods that need a network come after this one.
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Nodes()
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	_, err = informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { wake() },
		UpdateFunc: func(any, any) { wake() },
		DeleteFunc: func(any) { wake() },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	go watchRoutes(ctx, wake)
	for !informer.Informer().HasSynced() {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(50 * time.Millisecond):
		}
	}
	said := ""
	for {
		var nodes []*core.Node
		for _, item := range informer.Informer().GetStore().List() {
			if node, ok := item.(*core.Node); ok {
				nodes = append(nodes, node)
			}
		}
		state, err := apply(nodes, self, subnet)
		if err != nil {
			state = "failed, tried again: " + err.Error()
		}
		if state != said {
			log.Print(state)
			said = state
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-time.After(again):
		}
	}
}

// watchRoutes wakes at every change of the node's routes: a link that comes back has lost the routes that went
// by it, and the list of nodes knows nothing of that.
func watchRoutes(ctx context.Context, wake func()) {
	for ctx.Err() == nil {
		watching, end := context.WithCancel(ctx)
		updates := make(chan netlink.RouteUpdate, 16)
		if err := netlink.RouteSubscribe(updates, watching.Done()); err != nil {
			log.Printf("routes are not watched, but looked at every %s: %v", again, err)
			end()
			return
		}
		// The channel is closed when the kernel had more to tell than was read.
		for range updates {
			wake()
		}
		end()
		wake()
		time.Sleep(time.Second)
	}
}

// apply makes this node's network what the list of nodes asks for, and says what that is.
func apply(nodes []*core.Node, self, subnet string) (string, error) {
	state := "no podCIDR yet"
	wanted := map[string]net.IP{}
	var errs []error
	for _, node := range nodes {
		if node.Spec.PodCIDR == "" {
			continue
		}
		if node.Name == self {
			state = fmt.Sprintf("pods of %s have %s", self, node.Spec.PodCIDR)
			errs = append(errs, writeConfig(node.Spec.PodCIDR))
		} else if address := internal(node); address != nil {
			wanted[node.Spec.PodCIDR] = address
		}
	}
	state = fmt.Sprintf("%s; routes to %d other nodes", state, len(wanted))
	errs = append(errs, syncRoutes(wanted), masquerade(subnet))
	return state, errors.Join(errs...)
}

func internal(node *core.Node) net.IP {
	for _, address := range node.Status.Addresses {
		if address.Type == core.NodeInternalIP {
			return net.ParseIP(address.Address)
		}
	}
	return nil
}

// writeConfig writes the node's CNI configuration, whole or not at all: the kubelet watches the folder.
func writeConfig(cidr string) error {
	document := map[string]any{
		"cniVersion": "0.4.0",
		"name":       "podroutes",
		"plugins": []any{
			map[string]any{
				"type": "ptp",
				// Replies must carry the pod's own address to pods of other nodes.
				"ipMasq": false,
				"mtu":    1500,
				"ipam": map[string]any{
					"type": "host-local",
					// On a tmpfs: after a restart no address is held by a pod that is gone.
					"dataDir": "/run/cni-podroutes",
					"ranges":  []any{[]any{map[string]any{"subnet": cidr}}},
					"routes":  []any{map[string]any{"dst": "0.0.0.0/0"}},
				},
			},
			map[string]any{"type": "portmap", "capabilities": map[string]any{"portMappings": true}},
		},
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(conflist); err == nil && string(old) == string(text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(conflist), 0o755); err != nil {
		return err
	}
	part := conflist + ".part"
	if err := os.WriteFile(part, text, 0o644); err != nil {
		return err
	}
	return os.Rename(part, conflist)
}

// syncRoutes keeps a route for each peer and removes those of peers that are gone. It uses up the map.
func syncRoutes(wanted map[string]net.IP) error {
	have, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Protocol: protocol}, netlink.RT_FILTER_PROTOCOL)
	if err != nil {
		return err
	}
	var errs []error
	for _, route := range have {
		if route.Dst == nil {
			continue
		}
		if gateway, ok := wanted[route.Dst.String()]; ok && gateway.Equal(route.Gw) {
			delete(wanted, route.Dst.String())
		} else if !ok {
			errs = append(errs, netlink.RouteDel(&route))
		}
	}
	for cidr, gateway := range wanted {
		_, to, err := net.ParseCIDR(cidr)
		if err == nil {
			err = netlink.RouteReplace(&netlink.Route{Dst: to, Gw: gateway, Protocol: protocol})
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("route to %s via %s: %w", cidr, gateway, err))
		}
	}
	return errors.Join(errs...)
}

// masquerade lets pods reach what is outside the cluster.
func masquerade(subnet string) error {
	rule := []string{"POSTROUTING", "-s", subnet, "!", "-d", subnet, "-j", "MASQUERADE"}
	if exec.Command("iptables", append([]string{"-w", "-t", "nat", "-C"}, rule...)...).Run() == nil {
		return nil
	}
	out, err := exec.Command("iptables", append([]string{"-w", "-t", "nat", "-A"}, rule...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("iptables: %w: %s", err, out)
	}
	return nil
}
