// Package manifests is the tests of the manifests: what kustomize makes of base, of every overlay and job, and of every component upon
// base, holds what this package says of it. They need no cluster and no program but Go.
//
// golden/ holds what the overlays render to, so that a change of a patch shows what it does to each of them; -update writes it.
//
// go test answers from its cache until a file of its module changes, and the module is k8s. Some tests compare manifests with the code of
// the services and with skaffold.yaml, which lie outside: -count=1 after a change of those.
package manifests
