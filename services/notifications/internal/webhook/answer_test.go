package webhook

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestWhatAnAnswerMeans(t *testing.T) {
	const (
		taken = iota
		again
		never
	)
	for status, want := range map[int]int{
		200: taken, 201: taken, 202: taken, 204: taken, 299: taken,
		301: again, 302: again, 304: again, 307: again, 308: again, // not followed: the URL is wrong, not the message
		408: again, 425: again, 429: again,
		500: again, 501: again, 502: again, 503: again, 504: again, 599: again,
		400: never, 401: never, 403: never, 404: never, 409: never, 410: never, 413: never, 422: never, 499: never,
	} {
		err := verdict(&http.Response{StatusCode: status, Header: http.Header{}}, "no such number", "+123", monday)
		if want == taken {
			require.NoError(t, err, status)
			continue
		}
		require.Equal(t, want == never, errors.Is(err, app.ErrUndeliverable), status)
		require.ErrorContains(t, err, http.StatusText(status))
		require.ErrorContains(t, err, ": no such number")
	}
}

func TestRetryAfterIsReadWithinBounds(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"":                                0,
		"0":                               0,
		"1":                               time.Second,
		"120":                             2 * time.Minute,
		"3600":                            time.Hour,
		"3601":                            domain.LongestAsked,
		"9223372036854775807":             domain.LongestAsked,
		"99999999999999999999999":         0,
		"-5":                              0,
		"1.5":                             0,
		"soon":                            0,
		"Mon, 23 Nov 2026 09:00:30 GMT":   30 * time.Second,
		"Mon, 23 Nov 2026 08:00:00 GMT":   0,
		"Wed, 23 Nov 2126 09:00:00 GMT":   domain.LongestAsked,
		"Monday, 23-Nov-26 09:01:00 GMT":  time.Minute,
		"Mon Nov 23 09:00:10 2026":        10 * time.Second,
		"Mon, 23 Nov 2026 09:00:30 +0200": 0,
	} {
		require.Equal(t, want, retryAfter(value, monday), value)
		for status, honoured := range map[int]bool{429: true, 503: true, 302: true, 422: false} {
			err := verdict(&http.Response{StatusCode: status, Header: http.Header{"Retry-After": {value}}}, "", "", monday)
			var pause *app.PauseError
			require.Equal(t, honoured && want > 0, errors.As(err, &pause), "%s %d", value, status)
			if pause != nil {
				require.Equal(t, want, pause.Pause)
				require.ErrorContains(t, err, "the webhook answered")
			}
		}
	}
}

func TestAReasonIsOneShortLineWithoutTheNumber(t *testing.T) {
	for words, want := range map[string]string{
		"":                             "",
		" \n ":                         "",
		"no such\r\n\tnumber \x00\x1b": "no such number",
		"bad \xff\xfe words":           "bad words",
		`{"to":"+4915112345678"}`:      `{"to":"+…"}`,
		"4915112345678 is barred":      "… is barred",
	} {
		require.Equal(t, want, quotable(words, "+4915112345678"))
	}
	long := quotable(strings.Repeat("ü", maxBody), "")
	require.LessOrEqual(t, len(long), maxWords)
	require.True(t, utf8.ValidString(long))
	require.Equal(t, "1 + 1", quotable("1 + 1", "+"))
}
