package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"time"
)

const attempts = 3

func newClient() *http.Client {
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
	}
}

// pickupPin is what the customer types at the parcel locker.
func pickupPin() string {
	return fmt.Sprintf("%06d", rand.Intn(1000000))
}

// deliver sends the message, and tries again when the gateway is busy.
func deliver(ctx context.Context, client *http.Client, event Event) error {
	body, err := json.Marshal(map[string]string{
		"to":   event.Phone,
		"text": fmt.Sprintf("Parcel %s was seen in %s.", event.Code, event.Town),
		"pin":  pickupPin(),
	})
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err = post(ctx, client, body)
		if err == nil || try == attempts {
			return err
		}
		time.Sleep(time.Duration(try) * time.Second)
	}
}

func post(ctx context.Context, client *http.Client, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("GATEWAY_URL"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("the gateway answered %s", res.Status)
	}
	return nil
}

// archive keeps one line a parcel for the yearly report.
func archive(event Event) error {
	line := fmt.Sprintf("%s %s", event.At.Format(time.DateOnly), event.Town)
	return exec.Command("sh", "-c", "echo '"+line+"' >> /var/lib/parcel-shop/"+event.Code).Run()
}
