package notifications

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"mallbots.example/pkg/service"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/logsms"
	"mallbots.example/services/notifications/internal/webhook"
)

// Settings say how messages leave the mall.
type Settings struct {
	// URL is where messages are posted, http or https. Empty: they are written to the log.
	URL string `env:"MALLBOTS_NOTIFICATIONS_WEBHOOK_URL"`
	// Secret signs them: whsec_ and the base64 of 24 to 64 random bytes. Several, with commas between them, while one replaces another.
	Secret webhook.Secrets `env:"MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET"`
	// Timeout bounds one attempt: at most 10 s.
	Timeout time.Duration `env:"MALLBOTS_NOTIFICATIONS_WEBHOOK_TIMEOUT" envDefault:"5s"`
}

// Validate names the first setting that can't be right. Neither the URL, which may have a token in it, nor the secret is shown.
func (s *Settings) Validate() error {
	if s.URL == "" {
		if s.Secret != "" {
			return errors.New("MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET is set but MALLBOTS_NOTIFICATIONS_WEBHOOK_URL is not: set both or neither")
		}
		return nil
	}
	if u, err := url.Parse(s.URL); err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("MALLBOTS_NOTIFICATIONS_WEBHOOK_URL must be a URL of http or https, such as https://sms.example.com/messages")
	}
	if s.Secret == "" {
		return errors.New("MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET is not set: what is posted to the webhook is signed")
	}
	if _, err := s.Secret.Keys(); err != nil {
		return fmt.Errorf("MALLBOTS_NOTIFICATIONS_WEBHOOK_SECRET %w", err)
	}
	if s.Timeout <= 0 || s.Timeout > app.SendTimeout {
		return fmt.Errorf("MALLBOTS_NOTIFICATIONS_WEBHOOK_TIMEOUT must be more than 0 and at most %s, such as 5s", app.SendTimeout)
	}
	return nil
}

// sender is the way out that the settings ask for.
func (s *Settings) sender(rt *service.Runtime) (app.Sender, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if s.URL == "" {
		return logsms.NewSender(rt.Log), nil
	}
	keys, err := s.Secret.Keys()
	if err != nil {
		return nil, err
	}
	return webhook.NewSender(webhook.Config{URL: s.URL, Keys: keys, Timeout: s.Timeout, Clock: rt.Clock}), nil
}
