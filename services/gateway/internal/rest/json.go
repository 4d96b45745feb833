package rest

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// codec is the JSON of protobuf: lowerCamel names, enums by name, 64-bit numbers as strings. Answers have every field, also those that are
// empty, so that a client can tell an empty list from a typo; requests may have no field that the contract does not know.
type codec struct{ runtime.JSONPb }

func newCodec() *codec {
	return &codec{runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitUnpopulated: true}}}
}

// Marshal implements runtime.Marshaler. Of errors it leaves out what is empty: nobody looks for it there.
func (c *codec) Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case *statuspb.Status:
		return protojson.Marshal(v)
	case map[string]proto.Message: // the last line of a stream
		body, err := protojson.Marshal(v["error"])
		return slices.Concat([]byte(`{"error":`), body, []byte("}")), err
	default:
		return c.JSONPb.Marshal(v)
	}
}

// NewDecoder implements runtime.Marshaler. protojson reads all of the body, and so names the line and column of what it can't read.
func (c *codec) NewDecoder(body io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		message, ok := v.(proto.Message)
		if !ok {
			return errors.New("not a message: a route must have all of its request in the body")
		}
		content, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		if len(content) == 0 {
			return io.EOF // a request without fields
		}
		return c.UnmarshalOptions.Unmarshal(content, message)
	})
}

// plain is an error's text as it is told to clients. protobuf's begin with a word and a space that it varies on purpose.
func plain(text string) string {
	if rest, ok := strings.CutPrefix(text, "proto:"); ok {
		return strings.TrimLeft(rest, " \u00a0")
	}
	return text
}
