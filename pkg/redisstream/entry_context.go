package redisstream

import "context"

// entryContext is the context of a message. The position is kept here and not in the metadata, which is the sender's.
type entryContext struct {
	context.Context
	topic string
	id    string
}

type entryKey struct{}

// Value gives the entryContext itself for its key.
func (c *entryContext) Value(key any) any {
	if key == (entryKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// EntryID gives the stream entry id of the message that ctx belongs to, "" if to none. With the topic it names one delivery of Redis;
// a message that was sent twice has two.
func EntryID(ctx context.Context) string {
	if c, ok := ctx.Value(entryKey{}).(*entryContext); ok {
		return c.id
	}
	return ""
}

// EntryTopic gives the topic that the message of ctx came from, "" if none.
func EntryTopic(ctx context.Context) string {
	if c, ok := ctx.Value(entryKey{}).(*entryContext); ok {
		return c.topic
	}
	return ""
}
