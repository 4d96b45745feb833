package depot_test

import (
	"fmt"
	"sync"
	"testing"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/services/internal/topics"
)

// racers is how many do the same thing at once: more than there are lanes or cores.
const racers = 8

// atOnce runs racers that start together and gives what each came to.
func atOnce(race func(i int) error) []error {
	errs := make([]error, racers)
	start := make(chan struct{})
	var racing sync.WaitGroup
	for i := range racers {
		racing.Go(func() {
			<-start
			errs[i] = race(i)
		})
	}
	close(start)
	racing.Wait()
	return errs
}

// oneWon requires that exactly one racer won and the others were refused for this reason; it gives the winner.
func oneWon(t *testing.T, reason string, errs []error) int {
	t.Helper()
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, winner, "two won")
			winner = i
			continue
		}
		servicetest.RequireReason(t, err, fault.Refused, reason)
	}
	require.NotEqual(t, -1, winner, "nobody won: %v", errs)
	return winner
}

func TestOfBotsThatRaceForAListExactlyOneWins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var bots [racers]*depotv1.Bot
		for i := range bots {
			bots[i] = w.register(fmt.Sprint("bot ", i))
		}
		for range 5 {
			list := w.available()
			winner := oneWon(t, "LIST_NOT_AVAILABLE", atOnce(func(i int) error {
				_, err := w.AssignShoppingList(t.Context(), &depotv1.AssignShoppingListRequest{Id: list.GetId(), BotId: bots[i].GetId()})
				return err
			}))
			assigned := w.list(list.GetId())
			require.Equal(t, bots[winner].GetId(), assigned.GetBotId())
			for i, bot := range bots {
				if i == winner {
					w.isBusyWith(list.GetId(), bot.GetId())
				} else {
					w.isIdle(bot.GetId())
				}
			}
			w.complete(assigned)
		}
		require.Len(t, w.SentTo(topics.DepotEvents), 3*5, "each was told to be available, assigned and completed once")
	})
}

func TestOfListsThatRaceForABotExactlyOneWins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		var lists [racers]*depotv1.ShoppingList
		for i := range lists {
			lists[i] = w.available()
		}
		winner := oneWon(t, "BOT_BUSY", atOnce(func(i int) error {
			_, err := w.AssignShoppingList(t.Context(), &depotv1.AssignShoppingListRequest{Id: lists[i].GetId(), BotId: robby.GetId()})
			return err
		}))
		w.isBusyWith(lists[winner].GetId(), robby.GetId())
		for i, list := range lists {
			if i != winner {
				requireSame(t, list, w.list(list.GetId()))
			}
		}
	})
}

func TestOfBotsThatRegisterOneNameAtOnceThereIsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids [racers]string
		for _, err := range atOnce(func(i int) error {
			resp, err := w.RegisterBot(t.Context(), &depotv1.RegisterBotRequest{Name: "Robby"})
			ids[i] = resp.GetBot().GetId()
			return err
		}) {
			require.NoError(t, err)
		}
		for _, one := range ids {
			require.Equal(t, ids[0], one)
		}
	})
}

// Other subjects put the commands of one order into other lanes, as other replicas would.
func TestOfAListAndItsCancellationAtOnceNothingRemainsToCollect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 5 {
			order := id.UUIDv7()
			atOnce(func(i int) error {
				subject := fmt.Sprint(order, i)
				if i%2 == 0 {
					w.command(subject, createList(order))
				} else {
					w.command(subject, &depotv1.CancelShoppingList{OrderId: order})
				}
				return nil
			})
			w.succeeds(order, &depotv1.InitiateShopping{OrderId: order})
			for _, list := range w.listsOf(order) {
				require.Equal(t, statusCanceled, list.GetStatus())
			}
		}
	})
}

func TestAListThatIsTakenAndCanceledAtOnceLeavesNoBotBehind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		for range 5 {
			list := w.available()
			errs := atOnce(func(i int) (err error) {
				if i%2 == 0 {
					_, err = w.CancelShoppingList(t.Context(), &depotv1.CancelShoppingListRequest{Id: list.GetId()})
					return err
				}
				_, err = w.AssignShoppingList(t.Context(), &depotv1.AssignShoppingListRequest{Id: list.GetId(), BotId: robby.GetId()})
				return err
			})
			for i, err := range errs {
				if i%2 == 0 {
					require.NoError(t, err)
				} else if err != nil {
					servicetest.RequireReason(t, err, fault.Refused, "LIST_NOT_AVAILABLE")
				}
			}
			require.Equal(t, statusCanceled, w.list(list.GetId()).GetStatus())
			w.isIdle(robby.GetId())
		}
	})
}
