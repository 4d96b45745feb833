package fleet_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/rpc"
)

// All tests run in a bubble (see package synctest), whose time goes on when everyone in it waits: no test takes as long as its bots do.

// pass lets time pass, and everything be done that is due by then.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestABotTakesAListCollectsItAndCompletesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		stop := start(t, depot, work)
		synctest.Wait()
		require.Equal(t, []string{"register robby", "watch"}, depot.saw())
		depot.offers <- "a"
		synctest.Wait()
		require.Equal(t, []string{"register robby", "watch", "assign a"}, depot.saw())
		require.Zero(t, depot.streams(), "it is at work and watches nothing")
		pass(work)
		require.Equal(t, []string{"register robby", "watch", "assign a", "complete a", "watch"}, depot.saw())
		require.Equal(t, work, depot.at[3])
		require.Zero(t, stop())
		synctest.Wait()
		require.Zero(t, depot.streams())
	})
}

func TestABotCollectsOneListAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		for _, list := range []string{"a", "b", "c"} {
			depot.offers <- list
		}
		stop := start(t, depot, work)
		pass(3 * work)
		require.Equal(t, []string{
			"register robby", "watch", "assign a", "complete a", "watch", "assign b", "complete b", "watch", "assign c", "complete c", "watch",
		}, depot.saw())
		stop()
	})
}

func TestABotThatLosesARaceTriesTheNextList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.taken["a"], depot.taken["b"] = true, true
		for _, list := range []string{"a", "b", "c"} {
			depot.offers <- list
		}
		stop := start(t, depot, work)
		synctest.Wait()
		require.Equal(t, []string{"register robby", "watch", "assign a", "assign b", "assign c"}, depot.saw())
		stop()
	})
}

func TestABotThatStartsAgainGoesOnWithItsList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.has = "a"
		stop := start(t, depot, work)
		pass(work)
		require.Equal(t, []string{"register robby", "complete a", "watch"}, depot.saw())
		stop()
	})
}

func TestABotWhoseListIsCanceledMeanwhileTakesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.offers <- "a"
		stop := start(t, depot, work)
		synctest.Wait()
		depot.change(func() { depot.has = "" })
		depot.offers <- "b"
		pass(work)
		require.Equal(t, []string{"register robby", "watch", "assign a", "complete a", "watch", "assign b"}, depot.saw())
		stop()
	})
}

// An answer that is lost leaves open what the bot has; depot knows.
func TestABotWhoseAnswerIsLostAsksDepotWhatItHas(t *testing.T) {
	t.Run("of an assignment", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			depot := newFakeDepot()
			depot.lost["assign "] = true
			depot.offers <- "a"
			stop := start(t, depot, work)
			pass(time.Second)
			require.Equal(t, []string{"register robby", "watch", "assign a", "register robby", "complete a", "watch"}, depot.saw())
			stop()
		})
	})
	t.Run("of a completion", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			depot := newFakeDepot()
			depot.lost["complete "] = true
			depot.offers <- "a"
			stop := start(t, depot, work)
			pass(time.Second)
			require.Equal(t, []string{"register robby", "watch", "assign a", "complete a", "register robby", "watch"}, depot.saw())
			stop()
		})
	})
	t.Run("another of its name was faster", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			depot := newFakeDepot()
			stop := start(t, depot, work)
			synctest.Wait()
			depot.change(func() { depot.has = "a" })
			depot.offers <- "b"
			pass(time.Second)
			require.Equal(t, []string{"register robby", "watch", "assign b", "register robby", "complete a", "watch"}, depot.saw())
			stop()
		})
	})
}

func TestACompletionThatDepotCouldNotTakeIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.fail["complete "] = []error{errAway, errAway}
		depot.offers <- "a"
		stop := start(t, depot, work)
		pass(5 * time.Second)
		require.Equal(t, []string{
			"register robby", "watch", "assign a", "complete a", "register robby", "complete a", "register robby", "complete a", "watch",
		}, depot.saw())
		stop()
	})
}

func TestABotWhoseStreamBreaksWatchesAgain(t *testing.T) {
	for name, broken := range map[string]func(d *fakeDepot){
		"depot is replaced": func(d *fakeDepot) { d.breaks <- rpc.ToStatus(rpc.ErrUnavailable).Err() },
		"the stream ends":   func(d *fakeDepot) { close(d.offers) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				depot := newFakeDepot()
				stop := start(t, depot, work)
				synctest.Wait()
				broken(depot)
				depot.change(func() { depot.offers = make(chan string, 1) })
				depot.offers <- "a"
				pass(100 * time.Millisecond)
				require.Equal(t, []string{"register robby", "watch", "register robby", "watch", "assign a"}, depot.saw())
				stop()
			})
		})
	}
}

func TestTriesAgainstADepotThatIsAwayComeLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		for range 10 {
			depot.fail["register "] = append(depot.fail["register "], errAway)
		}
		stop := start(t, depot, work)
		pass(time.Minute)
		require.Len(t, depot.at, 12, "ten in vain, one that went well, a watch")
		longest := 100 * time.Millisecond
		for i := range 10 {
			pause := depot.at[i+1] - depot.at[i]
			require.LessOrEqual(t, pause, longest)
			require.GreaterOrEqual(t, pause, longest/2)
			longest = min(2*longest, 5*time.Second)
		}
		// It has watched for longer than the longest pause: a stream that breaks now is a new trouble.
		depot.breaks <- errAway
		pass(100 * time.Millisecond)
		require.Len(t, depot.at, 14)
		stop()
	})
}

func TestABotToldToStopWhileItWaitsStopsAtOnce(t *testing.T) {
	t.Run("for a list", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			stop := start(t, newFakeDepot(), work)
			synctest.Wait()
			require.Zero(t, stop())
		})
	})
	t.Run("for depot", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			depot := newFakeDepot()
			depot.fail["register "] = []error{errAway}
			stop := start(t, depot, work)
			synctest.Wait()
			require.Zero(t, stop())
		})
	})
}

func TestABotToldToStopFinishesAShortList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.offers <- "a"
		depot.offers <- "b"
		stop := start(t, depot, 5*time.Second)
		pass(2 * time.Second)
		require.Equal(t, 3*time.Second, stop())
		require.Equal(t, []string{"register robby", "watch", "assign a", "complete a"}, depot.saw()[:4])
		require.Empty(t, depot.has, "it takes no other")
		require.Len(t, depot.offers, 1)
	})
}

func TestABotToldToStopLeavesALongListToTheNextOfItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.offers <- "a"
		stop := start(t, depot, 5*time.Second)
		synctest.Wait()
		require.Zero(t, stop())
		require.Equal(t, "a", depot.has)

		stop = start(t, depot, 5*time.Second)
		pass(5 * time.Second)
		require.Equal(t, []string{"register robby", "watch", "assign a", "register robby", "complete a", "watch"}, depot.saw())
		stop()
	})
}

func TestABotToldToStopWhileItTakesAListKnowsThatItHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		depot := newFakeDepot()
		depot.hold = make(chan struct{})
		depot.offers <- "a"
		stop := start(t, depot, work)
		synctest.Wait()
		stopped := make(chan time.Duration)
		go func() { stopped <- stop() }()
		synctest.Wait()
		close(depot.hold)
		require.Equal(t, work, <-stopped)
		require.Equal(t, []string{"register robby", "watch", "assign a", "complete a"}, depot.saw())
	})
}
