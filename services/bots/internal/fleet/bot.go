// Package fleet holds the bots that collect shopping lists.
package fleet

import (
	"context"
	"log/slog"
	"time"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/rpc"
)

const (
	// finishWithin is how much work a bot still does when it is told to stop. With the calls before and after it, of callTimeout each, it is
	// less than the eight seconds that a process has to stop in.
	finishWithin = 3 * time.Second
	callTimeout  = 2 * time.Second
)

// Reasons for which depot says no in the course of a bot's day.
const (
	reasonNotAvailable = "LIST_NOT_AVAILABLE" // another bot was faster, or the order is canceled
	reasonNotAssigned  = "LIST_NOT_ASSIGNED"  // the order was canceled while the bot was at work
)

// Bot collects shopping lists, one after the other. All that it knows it asks depot, and the name is all that it needs to go on where it,
// or the bot of this name before it, left off.
type Bot struct {
	name  string
	work  time.Duration
	depot depotv1.DepotServiceClient
	log   *slog.Logger
}

// NewBot makes a bot that takes work to collect one list.
func NewBot(name string, work time.Duration, depot depotv1.DepotServiceClient, log *slog.Logger) *Bot {
	return &Bot{name: name, work: work, depot: depot, log: log.With("bot", name)}
}

// Name is unique in the mall.
func (b *Bot) Name() string { return b.name }

// Run collects lists until ctx ends. Whatever goes wrong with depot, the bot tries again, with backoff. Told to stop, it finishes the list
// it has if that does not take long, and else leaves it to the next bot of its name.
func (b *Bot) Run(ctx context.Context) error {
	var wait backoff
	for {
		started := time.Now()
		err := b.shift(ctx)
		if ctx.Err() != nil {
			return ctx.Err() // whatever else went wrong while stopping: the next bot of the name sees to it
		}
		pause := wait.next(time.Since(started))
		level := slog.LevelWarn
		if rpc.Reason(err) == rpc.ReasonDraining {
			level = slog.LevelInfo // depot is being replaced
		}
		b.log.Log(ctx, level, "bot registers again", "error", err, "after", pause)
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

// shift collects one list after the other until something goes wrong. Then only depot knows what the bot has: it has to register again.
func (b *Bot) shift(ctx context.Context) error {
	resp, err := b.depot.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: b.name})
	if err != nil {
		return err
	}
	botID, listID := resp.GetBot().GetId(), resp.GetBot().GetShoppingListId()
	if listID != "" {
		b.log.InfoContext(ctx, "bot goes on with its list", "list", listID)
	}
	for ctx.Err() == nil {
		if listID == "" {
			if listID, err = b.take(ctx, botID); err != nil {
				return err
			}
		}
		if err := b.collect(ctx, botID, listID); err != nil {
			return err
		}
		listID = ""
	}
	return ctx.Err()
}

// take waits for a list that is available and takes it. The stream ends with it: what it would bring while the bot is at work would be
// gone by then.
func (b *Bot) take(ctx context.Context, botID string) (listID string, err error) {
	watching, hangUp := context.WithCancel(ctx)
	defer hangUp()
	lists, err := b.depot.WatchShoppingLists(watching, &depotv1.WatchShoppingListsRequest{})
	if err != nil {
		return "", err
	}
	for {
		resp, err := lists.Recv()
		if err == nil {
			err = ctx.Err() // a bot that is told to stop takes no list that was on its way already
		}
		if err != nil {
			return "", err
		}
		offered := resp.GetShoppingList().GetId()
		switch err := b.assign(ctx, botID, offered); {
		case err == nil:
			return offered, nil
		case rpc.Reason(err) != reasonNotAvailable:
			return "", err
		}
	}
}

// assign is not given up when the bot is told to stop: it could end up with a list that it does not know of.
func (b *Bot) assign(ctx context.Context, botID, listID string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	_, err := b.depot.AssignShoppingList(ctx, &depotv1.AssignShoppingListRequest{Id: listID, BotId: botID})
	return err
}

// collect goes to the stores of the list, and says so. A list that was canceled meanwhile is done with.
func (b *Bot) collect(ctx context.Context, botID, listID string) error {
	if !b.goShopping(ctx) {
		b.log.InfoContext(ctx, "bot leaves its list until it is back", "list", listID)
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	_, err := b.depot.CompleteShoppingList(ctx, &depotv1.CompleteShoppingListRequest{Id: listID, BotId: botID})
	switch {
	case err == nil:
		b.log.DebugContext(ctx, "bot collected a list", "list", listID)
	case rpc.Reason(err) == reasonNotAssigned:
		b.log.InfoContext(ctx, "the list was canceled while the bot collected it", "list", listID)
	default:
		return err
	}
	return nil
}

// goShopping takes as long as a list takes, and reports whether the bot got to the end of it.
func (b *Bot) goShopping(ctx context.Context) bool {
	end := time.Now().Add(b.work)
	if sleep(ctx, b.work) {
		return true
	}
	rest := time.Until(end)
	return rest <= finishWithin && sleep(context.WithoutCancel(ctx), rest)
}
