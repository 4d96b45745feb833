package notifications_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/config"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/people/peopletest"
	"mallbots.example/services/notifications"
	"mallbots.example/services/notifications/internal/webhook/webhooktest"
)

const (
	urlSetting     = "MALLBOTS_NOTIFICATIONS_WEBHOOK_URL"
	secretSetting  = "MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET"
	timeoutSetting = "MALLBOTS_NOTIFICATIONS_WEBHOOK_TIMEOUT"
)

func eachWithWebhook(t *testing.T, test func(t *testing.T, w world, r *webhooktest.Receiver)) {
	customers := peopletest.Start(t)
	peers := map[string]grpc.ClientConnInterface{"customers": customers.Conn}
	receiver := webhooktest.Start(t)
	s := notifications.Service()
	require.NoError(t, config.Load([]string{urlSetting + "=" + receiver.URL, secretSetting + "=" + webhooktest.Secret}, s.Settings))
	servicetest.Each(t, s, peers, func(t *testing.T, h *servicetest.Harness) {
		customers.Reset()
		receiver.Reset()
		test(t, world{Harness: h, t: t, api: notificationsv1.NewNotificationsServiceClient(h.Conn), customers: customers}, receiver)
	})
}

func TestAWebhookIsToldOnceOfEachKindWhateverIsRedelivered(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		ada := w.customer()
		o := order(ada.GetId())
		for range 3 {
			w.tell(&orderingv1.OrderCreated{Order: o}, &orderingv1.OrderReadied{Order: o}, &orderingv1.OrderCreated{Order: o})
		}
		told := w.ended(o.GetId(), 2)
		kinds := map[string]string{}
		for _, got := range r.Requests() {
			require.Equal(t, ada.GetId(), got.CustomerID)
			require.Equal(t, o.GetId(), got.OrderID)
			require.Equal(t, number, got.To)
			require.Equal(t, servicetest.Now, got.CreateTime)
			kinds[got.Kind] = got.ID
		}
		require.Len(t, r.Requests(), 2)
		require.Equal(t, map[string]string{"order_received": told[received].GetId(), "order_ready": told[ready].GetId()}, kinds)
	})
}

func TestWhatAWebhookRefusesIsListedAsFailed(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		r.Answer(webhooktest.Status(http.StatusBadRequest))
		o := order(w.customer().GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		n := w.ended(o.GetId(), 1)[received]
		require.Equal(t, failed, n.GetStatus())
		require.EqualValues(t, 1, n.GetAttempts())
		require.Nil(t, n.GetSentTime())
	})
}

func TestAWebhookThatIsDownStopsNothingElseAndIsToldWhenItIsBack(t *testing.T) {
	eachWithWebhook(t, func(t *testing.T, w world, r *webhooktest.Receiver) {
		r.Answer(func(_ http.ResponseWriter, req *http.Request, _ webhooktest.Request, _ int) { r.Hang(req) })
		ada := w.customer()
		first, second := order(ada.GetId()), order(ada.GetId())
		w.tell(&orderingv1.OrderCreated{Order: first})
		r.Await(t, 1)
		w.tell(&orderingv1.OrderCreated{Order: second}) // while the first hangs
		for _, o := range []*orderingv1.Order{first, second} {
			listed := w.list(&notificationsv1.ListNotificationsRequest{OrderId: o.GetId()})
			require.Len(t, listed, 1)
			require.Equal(t, queued, listed[0].GetStatus())
		}
		r.Answer(webhooktest.Status(http.StatusOK))
		r.Unhang()
		require.Equal(t, sent, w.ended(second.GetId(), 1)[received].GetStatus())
	})
}

func TestASettingThatCannotBeRightIsNamedAndNotShown(t *testing.T) {
	const url, secret = urlSetting + "=https://sms.example.com/hunter2", secretSetting + "=" + webhooktest.Secret
	for name, test := range map[string]struct {
		settings []string
		names    string // "": all is well
	}{
		"nothing":               {nil, ""},
		"all":                   {[]string{url, secret, timeoutSetting + "=10s"}, ""},
		"the default timeout":   {[]string{url, secret}, ""},
		"plain http":            {[]string{urlSetting + "=http://10.0.0.1:8080", secret}, ""},
		"two secrets":           {[]string{url, secret + "," + webhooktest.OldSecret}, ""},
		"no secret":             {[]string{url}, secretSetting},
		"a secret alone":        {[]string{secret}, secretSetting},
		"another scheme":        {[]string{urlSetting + "=ftp://sms.example.com/hunter2", secret}, urlSetting},
		"no scheme":             {[]string{urlSetting + "=sms.example.com/hunter2", secret}, urlSetting},
		"no host":               {[]string{urlSetting + "=https:///hunter2", secret}, urlSetting},
		"no host but a port":    {[]string{urlSetting + "=https://:80/hunter2", secret}, urlSetting},
		"not a URL":             {[]string{urlSetting + "=https://hunter2%zz", secret}, urlSetting},
		"a secret of other use": {[]string{url, secretSetting + "=hunter2"}, secretSetting},
		"a short secret":        {[]string{url, secretSetting + "=whsec_aHVudGVyMg=="}, secretSetting},
		"no time":               {[]string{url, secret, timeoutSetting + "=0s"}, timeoutSetting},
		"less than no time":     {[]string{url, secret, timeoutSetting + "=-1s"}, timeoutSetting},
		"too much time":         {[]string{url, secret, timeoutSetting + "=10001ms"}, timeoutSetting},
	} {
		t.Run(name, func(t *testing.T) {
			s := notifications.Service()
			require.NoError(t, config.Load(test.settings, s.Settings))
			err := s.Settings.(*notifications.Settings).Validate()
			if test.names == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.names)
			for _, hidden := range []string{"hunter2", "aHVudGVyMg", strings.TrimPrefix(webhooktest.Secret, "whsec_")} {
				require.NotContains(t, err.Error(), hidden)
			}
			require.EqualError(t, s.Build(&service.Runtime{}), err.Error(), "it does not start")
		})
	}
}

func TestTheSecretMayStandInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(webhooktest.Secret+"\n"+webhooktest.OldSecret+"\n"), 0o600))
	s := notifications.Service()
	require.NoError(t, config.Load([]string{urlSetting + "=https://sms.example.com", secretSetting + "_FILE=" + file}, s.Settings))
	settings := s.Settings.(*notifications.Settings)
	require.NoError(t, settings.Validate())
	require.Equal(t, 5*time.Second, settings.Timeout)
	keys, err := settings.Secret.Keys()
	require.NoError(t, err)
	require.Len(t, keys, 2)
}
