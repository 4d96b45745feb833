package rpc

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// frame is a message that the proxy passes on without looking inside.
type frame struct{ data []byte }

// rawCodec hands frames through as they are and leaves all else to the protobuf codec, so that a proxy and registered services live on
// the same server. It goes by protobuf's name: that is what is inside the frames.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return protocodec.Name }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(*frame); ok {
		return mem.BufferSlice{mem.SliceBuffer(f.data)}, nil
	}
	return protobuf().Marshal(v)
}

// Unmarshal copies: gRPC takes its buffers back when it returns.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		f.data = data.Materialize()
		return nil
	}
	if err := protobuf().Unmarshal(data, v); err != nil {
		return fmt.Errorf("rpc: %w", err)
	}
	return nil
}

func protobuf() encoding.CodecV2 { return encoding.GetCodecV2(protocodec.Name) }
