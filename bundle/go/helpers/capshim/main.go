// Command capshim stands in front of runc on machines whose bounding set lacks a capability.
//
// There "all capabilities", which is what a privileged container asks for, cannot be granted, and runc
// refuses. The shim takes out of the container's specification what the machine does not have, and what
// needs CAP_SYS_RESOURCE where that is missing, then becomes runc. On a machine that holds everything it
// changes nothing.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// capabilities in the kernel's order: the index is the bit in CapBnd.
var capabilities = [...]string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
	"CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE",
	"CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
	"CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
}

func main() {
	args := os.Args[1:]
	if err := prepare(args); err != nil {
		fmt.Fprintln(os.Stderr, "capshim:", err)
		os.Exit(1)
	}
	runc, err := realRunc()
	if err == nil {
		err = syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, "capshim:", err)
	os.Exit(1)
}

// realRunc is the runc that this command stands in front of: beside it as runc.real, or the system's own.
func realRunc() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	places := []string{filepath.Join(filepath.Dir(self), "runc.real")}
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"} {
		places = append(places, filepath.Join(dir, "runc.real"), filepath.Join(dir, "runc"))
	}
	for _, place := range places {
		if info, err := os.Stat(place); err == nil && !info.IsDir() && place != self {
			return place, nil
		}
	}
	return "", fmt.Errorf("no runc in %s", strings.Join(places, ", "))
}

// prepare edits the files that the arguments name: create and run have a bundle, exec a process.
func prepare(args []string) error {
	held, err := boundingSet()
	if err != nil {
		return err
	}
	if len(held) == len(capabilities) {
		return nil
	}
	for i, arg := range args {
		flag, value, attached := strings.Cut(arg, "=")
		if !attached && i+1 < len(args) {
			value = args[i+1]
		}
		switch flag {
		case "-b", "--bundle":
			err = rewrite(filepath.Join(value, "config.json"), func(spec map[string]any) {
				if process, ok := spec["process"].(map[string]any); ok {
					reduce(process, held)
				}
			})
		case "-p", "--process":
			err = rewrite(value, func(process map[string]any) { reduce(process, held) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// boundingSet is what this machine can grant at all.
func boundingSet() (map[string]bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(status)) {
		hex, found := strings.CutPrefix(line, "CapBnd:")
		if !found {
			continue
		}
		bits, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		if err != nil {
			return nil, err
		}
		held := make(map[string]bool)
		for bit, name := range capabilities {
			if bits&(1<<bit) != 0 {
				held[name] = true
			}
		}
		return held, nil
	}
	return nil, fmt.Errorf("/proc/self/status has no CapBnd")
}

// rewrite edits a JSON document in place; numbers keep their spelling. A missing file is runc's to report.
func rewrite(path string, edit func(map[string]any)) error {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	document := make(map[string]any)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	edit(document)
	if text, err = json.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// reduce takes out of a process what the machine cannot grant.
func reduce(process map[string]any, held map[string]bool) {
	if sets, ok := process["capabilities"].(map[string]any); ok {
		for set, names := range sets {
			kept := []any{}
			list, _ := names.([]any)
			for _, name := range list {
				if text, ok := name.(string); ok && held[text] {
					kept = append(kept, name)
				}
			}
			sets[set] = kept
		}
	}
	if held["CAP_SYS_RESOURCE"] {
		return
	}
	// Raising a limit and becoming harder to kill both need it.
	delete(process, "rlimits")
	if score, ok := process["oomScoreAdj"].(json.Number); ok && strings.HasPrefix(score.String(), "-") {
		process["oomScoreAdj"] = 0
	}
}
