package rpc

import "google.golang.org/protobuf/proto"

// PageRequest is what every List and Search request is.
type PageRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// Page answers a List request: load gives up to limit items that follow the one whose key is after ("" for the first page), in an order
// that their keys define, and key is an item's key. It asks for one item more than the page holds, to know whether there is another page.
func Page[T any](req PageRequest, key func(T) string, load func(after string, limit int) ([]T, error)) (items []T, next string, err error) {
	filter := RequestFilter(req)
	cursor, err := DecodePageToken(filter, req.GetPageToken(), 1)
	if err != nil {
		return nil, "", err
	}
	after := ""
	if cursor != nil {
		after = cursor[0]
	}
	size := PageSize(req.GetPageSize())
	items, err = load(after, size+1)
	if err != nil || len(items) <= size {
		return items, "", err
	}
	items = items[:size]
	return items, EncodePageToken(filter, key(items[size-1])), nil
}
