package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// kubernetes is the version that the overlays are for, and openAPI the file of it that describes the API.
const (
	kubernetes = "k8s.io/kubernetes@v1.34.4"
	openAPI    = "api/openapi-spec/swagger.json"
)

// custom is a project whose custom resources the components use.
type custom struct {
	module string   // with its version
	files  []string // its CustomResourceDefinitions
}

var customs = []custom{
	// v1.7 needs a newer Go than the mall.
	{"sigs.k8s.io/gateway-api@v1.6.0", []string{
		"config/crd/standard/gateway.networking.k8s.io_grpcroutes.yaml",
		"config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
	}},
	{"github.com/cert-manager/cert-manager@v1.21.2", []string{
		"deploy/crds/cert-manager.io_certificates.yaml",
		"deploy/crds/cert-manager.io_issuers.yaml",
	}},
	{"github.com/kedacore/keda/v2@v2.21.0", []string{
		"config/crd/bases/keda.sh_scaledobjects.yaml",
		"config/crd/bases/keda.sh_triggerauthentications.yaml",
	}},
	{"github.com/prometheus-operator/prometheus-operator@v0.85.0", []string{
		"example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
		"example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
	}},
}

// layout counts up when the schemas are written differently from the same sources.
const layout = 1

// versions is what stands in the stamp.
func versions() string {
	var b strings.Builder
	fmt.Fprintf(&b, "layout %d\n%s\n", layout, kubernetes)
	for _, c := range customs {
		fmt.Fprintln(&b, c.module, strings.Join(c.files, " "))
	}
	return b.String()
}

// download gives the folder of a module, module@version. Go fetches it once, and checks it against the checksum database.
func download(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside of any module: these are data, and no dependencies of the mall
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, failed := cmd.Output()
	var found struct{ Dir, Error string }
	if err := json.Unmarshal(answer, &found); err == nil && found.Error != "" {
		return "", fmt.Errorf("go mod download: %s", found.Error)
	}
	if failed != nil {
		return "", fmt.Errorf("go mod download %s: %w: %s", module, failed, bytes.TrimSpace(stderr.Bytes()))
	}
	return found.Dir, nil
}
