// Package ui is the page on which people try the API: Swagger UI, served from the program, so that it works without the internet.
//
// swagger-ui-bundle.js and swagger-ui.css are those of the npm package swagger-ui-dist 5.35.0 (Apache License 2.0, see LICENSE and NOTICE;
// LICENSE.bundle.txt is of what is bundled in it), compressed: `npm pack swagger-ui-dist@5.35.0`, then `gzip -9n`.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

//go:embed index.html start.js swagger-ui.css.gz swagger-ui-bundle.js.gz LICENSE NOTICE LICENSE.bundle.txt
var files embed.FS

// policy lets the page load what this server serves, and nothing else. Swagger UI has its icons as data: in its style sheet.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Pages are the handlers of the paths that make up the page; openapi is the document that it shows.
func Pages(openapi []byte) (map[string]http.Handler, error) {
	pages := map[string]http.Handler{"/openapi.json": newPage("application/json", openapi)}
	for path, file := range map[string]struct{ name, contentType string }{
		"/":                        {"index.html", "text/html; charset=utf-8"},
		"/ui/start.js":             {"start.js", "text/javascript; charset=utf-8"},
		"/ui/swagger-ui.css":       {"swagger-ui.css.gz", "text/css; charset=utf-8"},
		"/ui/swagger-ui-bundle.js": {"swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"},
		"/ui/LICENSE":              {"LICENSE", "text/plain; charset=utf-8"},
		"/ui/LICENSE.bundle.txt":   {"LICENSE.bundle.txt", "text/plain; charset=utf-8"},
		"/ui/NOTICE":               {"NOTICE", "text/plain; charset=utf-8"},
	} {
		content, err := files.ReadFile(file.name)
		if err != nil {
			return nil, err
		}
		p := newPage(file.contentType, content)
		p.compressed = strings.HasSuffix(file.name, ".gz")
		pages[path] = p
	}
	return pages, nil
}

// page is one file.
type page struct {
	contentType, etag string
	content           []byte
	compressed        bool
}

func newPage(contentType string, content []byte) *page {
	return &page{contentType: contentType, content: content, etag: fmt.Sprintf(`"%x"`, sha256.Sum256(content))[:17] + `"`}
}

// ServeHTTP implements http.Handler. Browsers ask again each time, and are told in a few bytes that nothing has changed.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, etag := p.content, p.etag
	header := w.Header()
	header.Set("Content-Type", p.contentType)
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache")
	if p.compressed {
		header.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			header.Set("Content-Encoding", "gzip")
		} else {
			plain, err := decompress(content)
			if err != nil { // the files are of this program: see the tests
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			content, etag = plain, strings.TrimSuffix(etag, `"`)+`-plain"`
		}
	}
	header.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func decompress(content []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
