package rpc

import (
	"encoding/base64"
	"errors"
	"slices"
	"sort"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/fault"
)

func TestPageSize(t *testing.T) {
	for requested, want := range map[int32]int{-1: 50, 0: 50, 1: 1, 50: 50, 100: 100, 101: 100, 1 << 30: 100} {
		if got := PageSize(requested); got != want {
			t.Errorf("PageSize(%d) = %d, want %d", requested, got, want)
		}
	}
}

func TestPageToken_round_trip(t *testing.T) {
	for _, cursor := range [][]string{{}, {""}, {"a"}, {"2026-01-02T03:04:05.678901Z", "id-7"}, {"", "\x00\xff", strings.Repeat("x", 300)}} {
		token := EncodePageToken("filter", cursor...)
		got, err := DecodePageToken("filter", token, len(cursor))
		if err != nil || got == nil || !slices.Equal(got, cursor) {
			t.Errorf("%q came back as %q, %v", cursor, got, err)
		}
	}
}

func TestPageToken_of_the_first_page_is_empty(t *testing.T) {
	if got, err := DecodePageToken("filter", "", 2); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPageToken_that_is_broken_is_refused(t *testing.T) {
	good := EncodePageToken("filter", "cursor", "id")
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"not base64": "?", "empty inside": "AA", "cut": good[:len(good)-4], "longer": good + "AAAA",
		"too long": strings.Repeat("A", maxPageToken+1),
		"of fewer": EncodePageToken("filter", "cursor"), "of more": EncodePageToken("filter", "cursor", "id", "more"),
		"of another filter": EncodePageToken("other", "cursor", "id"),
	}
	for i := range raw {
		tampered := slices.Clone(raw)
		tampered[i] ^= 1
		bad["tampered "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(tampered)
	}
	// A checksum that is right over a length that is wrong.
	forged := append([]byte{tokenVersion}, hash([]byte("filter"))...)
	forged = append(forged, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)
	bad["forged"] = base64.RawURLEncoding.EncodeToString(append(forged, hash(forged)...))
	for name, token := range bad {
		t.Run(name, func(t *testing.T) { wantInvalidToken(t, token) })
	}
}

func wantInvalidToken(t *testing.T, token string) {
	t.Helper()
	cursor, err := DecodePageToken("filter", token, 2)
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Invalid || f.Reason != "INVALID_PAGE_TOKEN" || len(f.Fields) != 1 || f.Fields[0].Name != "page_token" {
		t.Errorf("%q: %q, %v", token, cursor, err)
	}
}

func TestRequestFilter_changes_with_the_request_but_not_with_the_page(t *testing.T) {
	base := RequestFilter(newThing("a"))
	if got := RequestFilter(newThing("a").withPage(10, "token")); got != base {
		t.Errorf("the page changes the filter")
	}
	if got := RequestFilter(newThing("b")); got == base {
		t.Errorf("the request does not change the filter")
	}
	req := newThing("a").withPage(10, "token")
	before := proto.Clone(req)
	RequestFilter(req)
	if !proto.Equal(req, before) {
		t.Errorf("the request was changed")
	}
}

func FuzzDecodePageToken(f *testing.F) {
	f.Add("filter", EncodePageToken("filter", "cursor", "id"))
	f.Add("filter", EncodePageToken("other", "", ""))
	f.Add("", "AQ")
	f.Add("", strings.Repeat("_", maxPageToken))
	f.Fuzz(func(t *testing.T, filter, token string) {
		cursor, err := DecodePageToken(filter, token, 2)
		switch {
		case err != nil:
			if !errors.Is(err, &fault.Error{Reason: ReasonInvalidPageToken}) {
				t.Errorf("%v", err)
			}
		case token == "":
			if cursor != nil {
				t.Errorf("the empty token has the cursor %q", cursor)
			}
		default:
			again, err := DecodePageToken(filter, EncodePageToken(filter, cursor...), 2)
			if err != nil || !slices.Equal(again, cursor) {
				t.Errorf("%q, then %q, %v", cursor, again, err)
			}
		}
	})
}

// GetPageSize and GetPageToken make a thing a PageRequest.
func (t thing) GetPageSize() int32 { return int32(t.Get(t.field("page_size")).Int()) }

func (t thing) GetPageToken() string { return t.Get(t.field("page_token")).String() }

func TestPage_gives_every_item_once(t *testing.T) {
	all := []string{"a", "b", "c", "d", "e"}
	load := func(after string, limit int) ([]string, error) {
		rest := all[sort.SearchStrings(all, after+"\x00"):]
		return rest[:min(limit, len(rest))], nil
	}
	var got []string
	var sizes []int
	token := ""
	for {
		items, next, err := Page(newThing("filter").withPage(2, token), func(item string) string { return item }, load)
		if err != nil {
			t.Fatal(err)
		}
		got, sizes = append(got, items...), append(sizes, len(items))
		if token = next; token == "" {
			break
		}
	}
	if !slices.Equal(got, all) || !slices.Equal(sizes, []int{2, 2, 1}) {
		t.Errorf("%v in pages of %v", got, sizes)
	}
}
