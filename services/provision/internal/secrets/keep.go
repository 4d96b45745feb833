package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"mallbots.example/services/provision/internal/patience"
)

// maxRaces bounds how often a Secret is read again because somebody else was faster. Each lost race is one that somebody has won, and
// only runs of this program write these Secrets: a handful at once at most.
const maxRaces = 20

// labels say whose Secrets they are.
var labels = map[string]string{"app.kubernetes.io/part-of": "mallbots", "app.kubernetes.io/managed-by": "provision"}

// API is what a Keeper needs of Kubernetes.
type API interface {
	Get(ctx context.Context, name string) (Secret, error)
	Create(ctx context.Context, s Secret) (Secret, error)
	Change(ctx context.Context, read Secret, data map[string][]byte, labels map[string]string) (Secret, error)
}

// Keeper brings Secrets into the state that is wanted, however many do so at once.
type Keeper struct {
	API      API
	Patience patience.Patience
	Log      *slog.Logger
}

// Want says which keys of a Secret are to be set, and with nil which are to be removed; those that it does not name stay as they are. have
// is what the Secret holds, nothing if there is none. It is asked again when somebody else has written the Secret meanwhile.
type Want func(have map[string][]byte) (change map[string][]byte, err error)

// Keep makes a Secret, or changes it, or leaves it when it is as wanted, and gives what it holds then.
func (k Keeper) Keep(ctx context.Context, name string, want Want) (data map[string][]byte, err error) {
	err = k.Patience.Until(ctx, "the Kubernetes API", func(ctx context.Context) error {
		for range maxRaces {
			data, err = k.once(ctx, name, want)
			if !errors.Is(err, ErrConflict) {
				return err
			}
		}
		return fmt.Errorf("%w, %d times in a row: let one run end before the next", err, maxRaces)
	})
	return data, err
}

func (k Keeper) once(ctx context.Context, name string, want Want) (map[string][]byte, error) {
	found, err := k.API.Get(ctx, name)
	missing := errors.Is(err, ErrNotFound)
	if err != nil && !missing {
		return nil, err
	}
	change, err := want(found.Data)
	if err != nil {
		return nil, err
	}
	if missing {
		maps.DeleteFunc(change, func(_ string, value []byte) bool { return value == nil })
		made, err := k.API.Create(ctx, Secret{Metadata: Metadata{Name: name, Labels: labels}, Data: change})
		if err == nil {
			k.Log.InfoContext(ctx, "made", "secret", name)
		}
		return made.Data, err
	}
	maps.DeleteFunc(change, func(key string, value []byte) bool {
		now, ok := found.Data[key]
		return ok == (value != nil) && bytes.Equal(now, value)
	})
	if len(change) == 0 {
		k.Log.InfoContext(ctx, "kept", "secret", name)
		return found.Data, nil
	}
	changed, err := k.API.Change(ctx, found, change, labels)
	if err == nil {
		k.Log.InfoContext(ctx, "changed", "secret", name, "keys", strings.Join(slices.Sorted(maps.Keys(change)), ", "))
	}
	return changed.Data, err
}
