// Package secretstest is the Secrets of one namespace, in memory, behind the API of Kubernetes.
package secretstest

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mallbots.example/services/provision/internal/secrets"
)

// Namespace and Token are those of the service account.
const (
	Namespace = "mall"
	Token     = "token-1"
)

// Server is an API server.
type Server struct {
	// Folder is the mounted service account.
	Folder     string
	Host, Port string
	// Before, if not nil, is asked about each call first; a status other than 0 is the answer. It may use the server.
	Before func(method, name string) (status int)
	// After, if not nil, is told of each call before it is answered. It may use the server.
	After func(method, name string)

	mu      sync.Mutex
	token   string
	version int
	secrets map[string]secrets.Secret
	Calls   []string // method and name
}

// Start starts a server; it ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{Folder: t.TempDir(), token: Token, secrets: map[string]secrets.Secret{}}
	web := httptest.NewTLSServer(s)
	t.Cleanup(web.Close)
	s.Host, s.Port, _ = net.SplitHostPort(web.Listener.Addr().String())
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	for name, content := range map[string][]byte{"ca.crt": authority, "namespace": []byte(Namespace), "token": []byte(Token + "\n")} {
		if err := os.WriteFile(filepath.Join(s.Folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Client is one of a pod in the namespace.
func (s *Server) Client(t testing.TB) *secrets.Client {
	t.Helper()
	client, err := secrets.InCluster(s.Folder, s.Host, s.Port)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// RenewToken makes the old token void, as Kubernetes does when it has put a new one into the folder.
func (s *Server) RenewToken(t testing.TB, token string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	if err := os.WriteFile(filepath.Join(s.Folder, "token"), []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Data is what a Secret holds, nil if there is none.
func (s *Server) Data(name string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.secrets[name]
	if !ok {
		return nil
	}
	data := map[string]string{}
	for key, value := range found.Data {
		data[key] = string(value)
	}
	return data
}

// Secret is a Secret as it is kept.
func (s *Server) Secret(name string) secrets.Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secrets[name]
}

// Names are those of all Secrets.
func (s *Server) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.secrets {
		names = append(names, name)
	}
	return names
}

// Put writes a Secret by hand; without data it is removed.
func (s *Server) Put(name string, data map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data == nil {
		delete(s.secrets, name)
		return
	}
	put := secrets.Secret{Metadata: secrets.Metadata{Name: name}, Data: map[string][]byte{}}
	for key, value := range data {
		put.Data[key] = []byte(value)
	}
	s.keep(put)
}

func (s *Server) keep(put secrets.Secret) secrets.Secret {
	s.version++
	put.Metadata.ResourceVersion = strconv.Itoa(s.version)
	s.secrets[put.Metadata.Name] = put
	return put
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const root = "/api/v1/namespaces/" + Namespace + "/secrets"
	path, ok := strings.CutPrefix(r.URL.Path, root)
	if !ok {
		refuse(w, http.StatusNotFound, "no such path: "+r.URL.Path)
		return
	}
	name := strings.TrimPrefix(path, "/")
	if s.Before != nil {
		if status := s.Before(r.Method, name); status != 0 {
			refuse(w, status, "as the test wants")
			return
		}
	}
	if s.After != nil {
		defer s.After(r.Method, name) // the answer is sent only when this has returned
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Calls = append(s.Calls, r.Method+" "+name)
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	found, exists := s.secrets[name]
	switch r.Method {
	case http.MethodGet:
		if !exists {
			refuse(w, http.StatusNotFound, fmt.Sprintf("secrets %q not found", name))
			return
		}
		answer(w, http.StatusOK, found)
	case http.MethodPost:
		s.create(w, r)
	case http.MethodPatch:
		s.patch(w, r, found, exists)
	default:
		refuse(w, http.StatusMethodNotAllowed, r.Method)
	}
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var made secrets.Secret
	if err := json.NewDecoder(r.Body).Decode(&made); err != nil || made.Kind != "Secret" || made.APIVersion != "v1" || made.Metadata.Name == "" {
		refuse(w, http.StatusBadRequest, "not a Secret")
		return
	}
	if _, exists := s.secrets[made.Metadata.Name]; exists {
		refuse(w, http.StatusConflict, fmt.Sprintf("secrets %q already exists", made.Metadata.Name))
		return
	}
	answer(w, http.StatusCreated, s.keep(made))
}

// patch is a JSON merge patch (RFC 7396), as far as Secrets have parts.
func (s *Server) patch(w http.ResponseWriter, r *http.Request, found secrets.Secret, exists bool) {
	var patch struct {
		Metadata secrets.Metadata   `json:"metadata"`
		Data     map[string]*[]byte `json:"data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&patch); err != nil || r.Header.Get("Content-Type") != "application/merge-patch+json" {
		refuse(w, http.StatusUnsupportedMediaType, "not a merge patch")
		return
	}
	switch {
	case !exists:
		refuse(w, http.StatusNotFound, "secrets not found")
		return
	case patch.Metadata.ResourceVersion != "" && patch.Metadata.ResourceVersion != found.Metadata.ResourceVersion:
		refuse(w, http.StatusConflict, "the object has been modified")
		return
	}
	changed := found
	changed.Data, changed.Metadata.Labels = maps.Clone(found.Data), maps.Clone(found.Metadata.Labels)
	if changed.Metadata.Labels == nil {
		changed.Metadata.Labels = map[string]string{}
	}
	maps.Copy(changed.Metadata.Labels, patch.Metadata.Labels)
	for key, value := range patch.Data {
		if value == nil {
			delete(changed.Data, key)
		} else {
			changed.Data[key] = *value
		}
	}
	answer(w, http.StatusOK, s.keep(changed))
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"kind": "Status", "status": "Failure", "code": status, "message": message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
