//go:build tools

// Package etcd names the server that the bundle builds, so that go.mod and go.sum lock it.
package etcd

import _ "go.etcd.io/etcd/server/v3"
