//go:build tools

// Package minikube names the minikube commands that the bundle builds, so that go.mod and go.sum lock them.
package minikube

import (
	_ "k8s.io/minikube/cmd/minikube"
	_ "k8s.io/minikube/cmd/storage-provisioner"
)
