package asyncapi_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/asyncapi"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/mallbots/mall"
)

const contracts = "../../../api"

func services(t *testing.T) []service.Service {
	t.Helper()
	all := mall.Services()
	_, err := service.LoadConfig(nil, all...)
	require.NoError(t, err)
	return all
}

func streams(t *testing.T) map[string]*asyncapi.Stream {
	t.Helper()
	streams, err := asyncapi.Streams(services(t))
	require.NoError(t, err)
	return streams
}

func TestTheDocumentIsCurrent(t *testing.T) {
	want, err := asyncapi.Generate(services(t), os.DirFS(contracts))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(contracts, asyncapi.File))
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "go generate ./internal/asyncapi")
}

// The constants, the contracts and the services must speak of the same streams.
func TestEveryStreamIsNamedCarriesMessagesAndIsRead(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../topics/topics.go", nil, 0)
	require.NoError(t, err)
	var named []string
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok {
			name, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			named = append(named, name)
		}
		return true
	})
	slices.Sort(named)
	require.Equal(t, slices.Sorted(maps.Keys(streams(t))), named)
	for topic, stream := range streams(t) {
		require.NotEmpty(t, stream.Messages, topic)
		require.NotEmpty(t, stream.Senders, topic)
		require.NotEmpty(t, stream.Receivers, topic)
	}
}

func TestEveryCommandIsHandledByTheServiceOfItsStream(t *testing.T) {
	for topic, stream := range streams(t) {
		if stream.Kind != asyncapi.Commands {
			continue
		}
		var commands []string
		for _, message := range stream.Messages {
			commands = append(commands, string(message.FullName()))
		}
		slices.Sort(commands)
		require.Equal(t, map[string][]string{strings.Split(topic, ".")[1]: commands}, stream.Receivers)
		require.Equal(t, []string{"cosec"}, stream.Senders)
	}
}

func TestAServiceCanOnlyReceiveWhatAStreamCarries(t *testing.T) {
	for name, c := range map[string]struct {
		topic   string
		handler message.Handler
		err     string
	}{
		"another stream's message": {topics.OrderingEvents, on[*storesv1.StoreCreated](),
			"odd handles mallbots.stores.v1.StoreCreated from mallbots.ordering.events, which does not carry it"},
		"a part of a message": {topics.StoresCommands, on[*storesv1.ReserveStockItem](),
			"odd handles mallbots.stores.v1.ReserveStockItem from mallbots.stores.commands, which does not carry it"},
		"a resource": {topics.StoresEvents, on[*storesv1.Store](),
			"odd handles mallbots.stores.v1.Store from mallbots.stores.events, which does not carry it"},
		"an unknown stream": {"mallbots.stores.event", on[*storesv1.StoreCreated](),
			"odd receives from mallbots.stores.event, which is no stream of the contracts"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := asyncapi.Streams([]service.Service{{
				Name: "odd", Schemas: []store.Schema{{}},
				Build: func(rt *service.Runtime) error {
					rt.Consume(c.topic, c.handler)
					return nil
				},
			}})
			require.EqualError(t, err, c.err)
		})
	}
}

func on[M proto.Message]() message.Handler { return message.OnEvent[M](nil) }

// What a service sends it makes: no other service's sources, and no other message, may do so.
func TestServicesMakeTheMessagesThatTheySend(t *testing.T) {
	sent, made := map[string][]string{}, map[string][]string{}
	var carried []string
	for _, stream := range streams(t) {
		for _, message := range stream.Messages {
			carried = append(carried, string(message.FullName()))
			for _, sender := range stream.Senders {
				if stream.Kind != asyncapi.Replies { // which package message makes
					sent[sender] = append(sent[sender], string(message.FullName()))
				}
			}
		}
	}
	for name := range sent {
		slices.Sort(sent[name])
	}
	for _, s := range services(t) {
		for _, name := range madeIn(t, "../../"+s.Name) {
			if slices.Contains(carried, name) {
				made[s.Name] = append(made[s.Name], name)
			}
		}
	}
	require.Equal(t, sent, made)
}

// madeIn are the messages of the contracts that the sources in a folder make, sorted.
func madeIn(t *testing.T, folder string) []string {
	t.Helper()
	made := map[string]bool{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		packages := map[string]string{} // of the contracts, by the name under which the file imports them
		for _, spec := range file.Imports {
			if from, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), "mallbots.example/api/"); ok && spec.Name != nil {
				packages[spec.Name.Name] = strings.ReplaceAll(from, "/", ".")
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.CompositeLit); ok {
				if of, ok := literal.Type.(*ast.SelectorExpr); ok {
					if from, ok := of.X.(*ast.Ident); ok && packages[from.Name] != "" {
						made[packages[from.Name]+"."+of.Sel.Name] = true
					}
				}
			}
			return true
		})
		return nil
	}))
	return slices.Sorted(maps.Keys(made))
}

func TestTheREADMESaysWhoReceives(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(contracts, "README.md"))
	require.NoError(t, err)
	documented := map[string]string{}
	for line := range strings.Lines(string(readme)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.HasPrefix(cells[1], " `mallbots.") {
			documented[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[3])
		}
	}
	received := map[string]string{}
	for topic, stream := range streams(t) {
		received[topic] = strings.Join(slices.Sorted(maps.Keys(stream.Receivers)), ", ")
	}
	require.Equal(t, received, documented)
}

// The headers are those of pkg/message: a message with all of them is the witness.
func TestTheHeadersAreThoseOnTheWire(t *testing.T) {
	event := message.Meta{ID: "id", Source: "source", Subject: "subject", CorrelationID: "correlation", CausationID: "causation",
		Trace: message.Trace{Parent: "parent", State: "state", Baggage: "baggage"}}
	reply := event
	reply.CommandID, reply.Saga, reply.SagaID, reply.SagaStep = "command", "saga", "saga-1", "step"
	command := reply
	command.ReplyTo = topics.CosecReplies
	for name, meta := range map[string]message.Meta{"EventHeaders": event, "CommandHeaders": command, "ReplyHeaders": reply} {
		encoded, err := message.Encode(message.Outgoing{Meta: meta, Body: &sagav1.CommandReply{}})
		require.NoError(t, err)
		documented := at(t, document(t), "#/components/schemas/"+name)["properties"].(map[string]any)
		require.ElementsMatch(t, slices.Collect(maps.Keys(encoded.Metadata)), slices.Collect(maps.Keys(documented)), name)
	}
}

// document is the committed one.
func document(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(contracts, asyncapi.File))
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(text, &document))
	return document
}

// at follows a reference.
func at(t *testing.T, document map[string]any, ref string) map[string]any {
	t.Helper()
	path, ok := strings.CutPrefix(ref, "#/")
	require.True(t, ok, ref)
	for name := range strings.SplitSeq(path, "/") {
		next, ok := document[name].(map[string]any)
		require.True(t, ok, "%s points to nothing", ref)
		document = next
	}
	return document
}
