package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
)

func (w *world) robotSteps() {
	w.step(`^a robot "([^"]*)"$`, w.aRobot)
	w.tries(`^a robot without a name tries to register$`, func(ctx context.Context) error {
		_, err := w.depot.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: " "})
		return err
	})
	w.step(`^the robot "([^"]*)" takes the list of "([^"]*)"$`, w.take)
	w.tries(`^the robot "([^"]*)" tries to take the list of "([^"]*)"$`, w.take)
	w.tries(`^a robot that never registered tries to take the list of "([^"]*)"$`, func(ctx context.Context, name string) error {
		w.robotIDs["nobody"] = uuid.NewString()
		return w.take(ctx, "nobody", name)
	})
	w.step(`^the robot "([^"]*)" has collected the list of "([^"]*)"$`, w.collect)
	w.tries(`^the robot "([^"]*)" tries to complete the list of "([^"]*)"$`, w.complete)
	w.step(`^the robot "([^"]*)" gives up the list of "([^"]*)"$`, w.giveUp)
	w.tries(`^the robot "([^"]*)" tries to give up the list of "([^"]*)"$`, w.giveUp)
	w.step(`^the robots "([^"]*)" and "([^"]*)" reach for the list of "([^"]*)" at the same time$`, w.race)
	w.step(`^one of the robots "([^"]*)" and "([^"]*)" has the list of "([^"]*)", and the other is idle$`, w.oneHasIt)
	w.step(`^the robot "([^"]*)" is (idle|busy)$`, w.robotIs)
	w.step(`^the robot "([^"]*)" starts again$`, w.startsAgain)
	w.step(`^the robot "([^"]*)" still has the list of "([^"]*)"$`, w.stillHas)
}

// aRobot has a name of its own in the mall: that of the scenario and more.
func (w *world) aRobot(ctx context.Context, name string) error {
	resp, err := w.depot.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: name + " " + uuid.NewString()})
	w.robotIDs[name] = resp.GetBot().GetId()
	return err
}

func (w *world) take(ctx context.Context, robot, name string) error {
	robotID, err := w.robot(robot)
	if err != nil {
		return err
	}
	list, err := w.releasedList(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.depot.AssignShoppingList(ctx, &depotv1.AssignShoppingListRequest{Id: list.GetId(), BotId: robotID})
	return err
}

func (w *world) complete(ctx context.Context, robot, name string) error {
	robotID, err := w.robot(robot)
	if err != nil {
		return err
	}
	list, err := w.releasedList(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.depot.CompleteShoppingList(ctx, &depotv1.CompleteShoppingListRequest{Id: list.GetId(), BotId: robotID})
	return err
}

func (w *world) collect(ctx context.Context, robot, name string) error {
	if err := w.take(ctx, robot, name); err != nil {
		return err
	}
	return w.complete(ctx, robot, name)
}

func (w *world) giveUp(ctx context.Context, robot, name string) error {
	robotID, err := w.robot(robot)
	if err != nil {
		return err
	}
	list, err := w.releasedList(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.depot.CancelShoppingList(ctx, &depotv1.CancelShoppingListRequest{Id: list.GetId(), BotId: robotID})
	return err
}

// race has one winner; the other is told that the list is not available any more.
func (w *world) race(ctx context.Context, one, other, name string) error {
	first, second := atOnce(
		func() error { return w.take(ctx, one, name) },
		func() error { return w.take(ctx, other, name) },
	)
	return justOne(first, second, refusals["the list is not available"])
}

func (w *world) oneHasIt(ctx context.Context, one, other, name string) error {
	list, err := w.list(ctx, name)
	if err != nil {
		return err
	}
	winner, loser := one, other
	if list.GetBotId() == w.robotIDs[other] {
		winner, loser = other, one
	}
	if err := w.stillHas(ctx, winner, name); err != nil {
		return err
	}
	return w.robotIs(ctx, loser, "idle")
}

// lookAt finds a robot among all of the mall.
func (w *world) lookAt(ctx context.Context, name string) (*depotv1.Bot, error) {
	id, err := w.robot(name)
	if err != nil {
		return nil, err
	}
	req := &depotv1.ListBotsRequest{PageSize: 100}
	for {
		resp, err := w.depot.ListBots(ctx, req)
		if err != nil {
			return nil, err
		}
		for _, bot := range resp.GetBots() {
			if bot.GetId() == id {
				return bot, nil
			}
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return nil, errors.New("the depot does not know the robot")
		}
	}
}

func (w *world) robotIs(ctx context.Context, name, what string) error {
	bot, err := w.lookAt(ctx, name)
	if err != nil {
		return err
	}
	idle := bot.GetStatus() == depotv1.BotStatus_BOT_STATUS_IDLE && bot.GetShoppingListId() == ""
	if idle != (what == "idle") {
		return fmt.Errorf("the robot is %v", bot.GetStatus())
	}
	return nil
}

// startsAgain registers under the same name.
func (w *world) startsAgain(ctx context.Context, name string) error {
	bot, err := w.lookAt(ctx, name)
	if err != nil {
		return err
	}
	resp, err := w.depot.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: bot.GetName()})
	if err == nil && resp.GetBot().GetId() != bot.GetId() {
		err = errors.New("it is another robot now")
	}
	return err
}

func (w *world) stillHas(ctx context.Context, robot, name string) error {
	bot, err := w.lookAt(ctx, robot)
	if err != nil {
		return err
	}
	list, err := w.list(ctx, name)
	if err != nil {
		return err
	}
	if bot.GetShoppingListId() != list.GetId() || list.GetBotId() != bot.GetId() || list.GetStatus() != listStatuses["with a robot"] {
		return fmt.Errorf("the list is %v, the robot %v", list.GetStatus(), bot.GetStatus())
	}
	return nil
}
