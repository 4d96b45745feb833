package mall

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/service"
)

func TestSettingsWinOverDefaults(t *testing.T) {
	got := withDefaults([]string{"A=1", "B_FILE=/b"}, []string{"A=2", "B=3", "C=4"})
	require.Equal(t, []string{"A=1", "B_FILE=/b", "C=4"}, got)
}

func TestEachServiceHasADatabaseOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	for name, dataDir := range map[string]string{"in memory": "", "in files": dir + "/new/folder"} {
		t.Run(name, func(t *testing.T) {
			urls, err := databases(t.Context(), service.Config{}, dataDir, Services())
			require.NoError(t, err)
			seen := map[string]bool{}
			for _, s := range Services() {
				if len(s.Schemas) == 0 {
					require.NotContains(t, urls, s.Name)
					continue
				}
				require.NotEmpty(t, urls[s.Name], s.Name)
				require.False(t, seen[urls[s.Name]], "%s shares %s", s.Name, urls[s.Name])
				seen[urls[s.Name]] = true
			}
		})
	}
}

func TestDataInTwoPlacesIsRefused(t *testing.T) {
	err := Run(t.Context(), Options{Environ: []string{"MALLBOTS_POSTGRES_URL=postgres://u:secret@127.0.0.1:1/mall"}, DataDir: t.TempDir()})
	require.ErrorContains(t, err, "--data and MALLBOTS_POSTGRES_URL")
}

func TestWhatKeepsTheMallFromOpeningIsNamedWithoutItsPassword(t *testing.T) {
	for setting, says := range map[string]string{
		"MALLBOTS_POSTGRES_URL=postgres://u:secret@127.0.0.1:1/mall": "MALLBOTS_POSTGRES_URL",
		"MALLBOTS_REDIS_URL=redis://:secret@127.0.0.1:1/0":           "MALLBOTS_REDIS_URL",
		"MALLBOTS_POTSGRES_URL=secret":                               "MALLBOTS_POTSGRES_URL is not a setting",
		"MALLBOTS_GRPC_ADDR=secret":                                  "MALLBOTS_GRPC_ADDR must be host:port",
	} {
		err := Run(t.Context(), Options{Environ: []string{setting, "MALLBOTS_ADMIN_ADDR=127.0.0.1:0"}})
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
	}
}
