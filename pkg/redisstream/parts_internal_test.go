package redisstream

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vmihailenco/msgpack/v5"
)

// asRead gives the fields as go-redis gives them back: all of them strings.
func asRead(t *testing.T, fields []any) map[string]any {
	t.Helper()
	values := map[string]any{}
	for i := 0; i < len(fields); i += 2 {
		name, ok := fields[i].(string)
		require.True(t, ok)
		switch value := fields[i+1].(type) {
		case string:
			values[name] = value
		case []byte:
			values[name] = string(value)
		default:
			require.FailNow(t, "not a Redis string", "%T", value)
		}
	}
	return values
}

func TestAMessageIsReadAsItWasWritten(t *testing.T) {
	for name, msg := range map[string]*message.Message{
		"all parts":      {UUID: "1", Metadata: message.Metadata{"a": "b", "Ä": ""}, Payload: []byte("p")},
		"binary":         {UUID: "1", Payload: []byte{0, 0xff, '\n'}},
		"nothing at all": {},
	} {
		t.Run(name, func(t *testing.T) {
			fields, err := encode(msg)
			require.NoError(t, err)
			got, err := decode(asRead(t, fields))
			require.NoError(t, err)
			assert.True(t, got.Equals(msg), "%+v", got)
			got.Metadata.Set("a", "the metadata can be written to")
		})
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	list, err := msgpack.Marshal([]string{"a"})
	require.NoError(t, err)
	numbers, err := msgpack.Marshal(map[string]int{"a": 1})
	require.NoError(t, err)
	for name, values := range map[string]map[string]any{
		"no fields":                  {},
		"no UUID":                    {fieldPayload: "p"},
		"UUID is no string":          {fieldUUID: 7},
		"metadata is text":           {fieldUUID: "1", fieldMetadata: "{}"},
		"metadata is a list":         {fieldUUID: "1", fieldMetadata: string(list)},
		"metadata of numbers":        {fieldUUID: "1", fieldMetadata: string(numbers)},
		"metadata is cut short":      {fieldUUID: "1", fieldMetadata: "\x82\xa1a\xa1b"},
		"metadata claims to be huge": {fieldUUID: "1", fieldMetadata: "\xdf\xff\xff\xff\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(values)
			require.Error(t, err)
		})
	}
}

func TestMetadataOfNilIsEmpty(t *testing.T) {
	msg, err := decode(map[string]any{fieldUUID: "1", fieldMetadata: "\xc0"})
	require.NoError(t, err)
	msg.Metadata.Set("a", "b")
}

func FuzzDecode(f *testing.F) {
	f.Add("1", "\x81\xa1a\xa1b", "p")
	f.Add("", "\xdf\xff\xff\xff\xff", "")
	f.Fuzz(func(t *testing.T, id, metadata, payload string) {
		values := map[string]any{fieldUUID: id, fieldMetadata: metadata, fieldPayload: payload}
		msg, err := decode(values)
		if err != nil {
			msg = undecodable(raw("topic", "1-0", values), err)
		}
		msg.Metadata.Set("handlers", "write metadata")
	})
}

func TestAnUndecodableEntryKeepsEachByte(t *testing.T) {
	msg := undecodable(raw("orders", "7-1", map[string]any{"text": "ä", "binary": "\x00\xff", "empty": ""}), errors.New("why"))
	assert.Equal(t, "why", msg.Metadata.Get(MetadataUndecodable))

	var entry RawEntry
	require.NoError(t, json.Unmarshal(msg.Payload, &entry))
	assert.Equal(t, RawEntry{Topic: "orders", ID: "7-1", Fields: []RawField{
		{Name: "binary", Base64: []byte{0, 0xff}}, {Name: "empty"}, {Name: "text", Text: "ä"},
	}}, entry)
}

func TestAnUndecodableEntryHasTheSameUUIDEachTime(t *testing.T) {
	id := func(topic, id string) string {
		return undecodable(RawEntry{Topic: topic, ID: id}, errors.New("why")).UUID
	}
	assert.Equal(t, id("orders", "7-1"), id("orders", "7-1"))
	assert.NotEqual(t, id("orders", "7-1"), id("orders", "7-2"))
	assert.NotEqual(t, id("orders", "7-1"), id("baskets", "7-1"))
}

func TestIDsAreComparedAsNumbers(t *testing.T) {
	for _, pair := range [][2]string{
		{"", "0-0"}, {"nonsense", "0-0"}, {"1-x", "0-0"}, {"9-0", "10-0"}, {"1-9", "1-10"}, {"1", "1-1"}, {"1-18446744073709551615", "2-0"},
	} {
		assert.Equal(t, -1, CompareIDs(pair[0], pair[1]), pair)
		assert.Equal(t, 1, CompareIDs(pair[1], pair[0]), pair)
	}
	assert.Zero(t, CompareIDs("7", "7-0"))
	assert.Zero(t, CompareIDs("", "nonsense"))
}

func TestTheNextIDIsTheSmallestAbove(t *testing.T) {
	assert.Equal(t, "7-2", nextID("7-1"))
	assert.Equal(t, "0-1", nextID("0"))
	assert.Equal(t, "8-0", nextID("7-18446744073709551615"))
}

func TestBackoffGrowsToItsBound(t *testing.T) {
	const lowest, highest = 10 * time.Millisecond, 50 * time.Millisecond
	for attempt, most := range []time.Duration{lowest, 2 * lowest, 4 * lowest, highest, highest} {
		for range 100 {
			wait := backoff(lowest, highest, attempt)
			assert.LessOrEqual(t, wait, most)
			assert.GreaterOrEqual(t, wait, most/2)
		}
	}
	assert.LessOrEqual(t, backoff(lowest, math.MaxInt64/2, math.MaxInt), time.Duration(math.MaxInt64/2), "no overflow")
	assert.LessOrEqual(t, backoff(1, 1, 0), time.Duration(1))
}

func TestWhatIsAcknowledgedWhileItIsListedIsNotHeldAgain(t *testing.T) {
	held := newHolding()
	require.True(t, held.add("1-0"))
	require.False(t, held.add("1-0"), "twice")
	done := held.listing()
	held.remove("1-0")
	require.False(t, held.add("1-0"), "the list was made before")
	done()
	require.True(t, held.add("1-0"))
}
