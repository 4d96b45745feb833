// Package secrets reads and writes the Secrets of a Kubernetes namespace: the three calls that are needed, without client-go, which would
// be most of the program.
package secrets

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mallbots.example/services/provision/internal/patience"
)

const (
	// maxBody of an answer: a Secret holds at most 1 MiB, a third more in base64.
	maxBody = 2 << 20
	// requestTimeout of one call; the API server answers within a second or not at all.
	requestTimeout = 10 * time.Second
	// maxReason of what the API server says is shown.
	maxReason = 300
)

// What a call can find.
var (
	ErrNotFound = errors.New("there is no such Secret")
	ErrConflict = errors.New("somebody else has written the Secret meanwhile")
)

// Secret is a Secret as the API has it, as far as it is used here.
type Secret struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   Metadata          `json:"metadata"`
	Type       string            `json:"type,omitempty"`
	Data       map[string][]byte `json:"data"` // base64 in JSON
}

// Metadata names a Secret and its version.
type Metadata struct {
	Name            string            `json:"name"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
}

// Client speaks to the API server.
type Client struct {
	secrets   string // URL of the namespace's Secrets
	namespace string
	tokenFile string
	http      *http.Client
}

// InCluster makes a client for the namespace of the pod that it runs in. folder is where the service account is mounted; host and port
// are those that Kubernetes gives to each pod in KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
func InCluster(folder, host, port string) (*Client, error) {
	if host == "" || port == "" {
		return nil, errors.New("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: run this in a pod, such as the Job of the manifests")
	}
	namespace, err := os.ReadFile(filepath.Join(folder, "namespace"))
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account (automountServiceAccountToken: true gives it one): %w", err)
	}
	authorities, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("the certificate authority of the API server: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("%s holds no certificate", filepath.Join(folder, "ca.crt"))
	}
	name := strings.TrimSpace(string(namespace))
	return &Client{
		secrets:   "https://" + net.JoinHostPort(host, port) + "/api/v1/namespaces/" + url.PathEscape(name) + "/secrets",
		namespace: name,
		tokenFile: filepath.Join(folder, "token"),
		http: &http.Client{Timeout: requestTimeout, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		}},
	}, nil
}

// Get reads a Secret; ErrNotFound if there is none.
func (c *Client) Get(ctx context.Context, name string) (Secret, error) {
	return c.call(ctx, http.MethodGet, name, "", nil)
}

// Create makes a Secret; ErrConflict if there is one of its name.
func (c *Client) Create(ctx context.Context, s Secret) (Secret, error) {
	s.APIVersion, s.Kind, s.Type = "v1", "Secret", "Opaque"
	return c.call(ctx, http.MethodPost, "", "application/json", s)
}

// Change sets keys of a Secret and removes those that are nil, and leaves everything else in it as it is; ErrConflict if it is not the
// version that was read.
func (c *Client) Change(ctx context.Context, read Secret, data map[string][]byte, labels map[string]string) (Secret, error) {
	return c.call(ctx, http.MethodPatch, read.Metadata.Name, "application/merge-patch+json", map[string]any{
		"metadata": Metadata{Name: read.Metadata.Name, ResourceVersion: read.Metadata.ResourceVersion, Labels: labels},
		"data":     data,
	})
}

func (c *Client) call(ctx context.Context, method, name, contentType string, body any) (Secret, error) {
	target := c.secrets
	if name != "" {
		target += "/" + url.PathEscape(name)
	}
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return Secret{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, target, &content)
	if err != nil {
		return Secret{}, err
	}
	token, err := os.ReadFile(c.tokenFile) // each time: it is renewed every hour
	if err != nil {
		return Secret{}, fmt.Errorf("the token of the service account: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Secret{}, patience.Wait(fmt.Errorf("the API server can't be reached: %w", err))
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return Secret{}, patience.Wait(fmt.Errorf("the API server's answer broke off: %w", err))
	}
	if err := c.refusal(resp.StatusCode, method, answer); err != nil {
		return Secret{}, err
	}
	var s Secret
	if err := json.Unmarshal(answer, &s); err != nil {
		return Secret{}, errors.New("the API server's answer is not a Secret")
	}
	return s, nil
}

// refusal is the error of a status. What the server says of it is shown: it names resources and rights, never data.
func (c *Client) refusal(code int, method string, answer []byte) error {
	if code < http.StatusMultipleChoices {
		return nil
	}
	var status struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &status) // a proxy on the way may answer with something else
	said := fmt.Errorf("the API server answers %d: %.*s", code, maxReason, status.Message)
	switch {
	case code == http.StatusNotFound && method != http.MethodPost:
		return ErrNotFound
	case code == http.StatusConflict:
		return ErrConflict
	case code == http.StatusNotFound:
		return fmt.Errorf("the namespace %s is not there: %w", c.namespace, said)
	case code == http.StatusForbidden, code == http.StatusUnauthorized:
		return fmt.Errorf("the service account may not get, create and patch Secrets in the namespace %s; "+
			"the Role in services/provision/README.md lets it: %w", c.namespace, said)
	case code == http.StatusTooManyRequests, code >= http.StatusInternalServerError:
		return patience.Wait(said)
	}
	return said
}
