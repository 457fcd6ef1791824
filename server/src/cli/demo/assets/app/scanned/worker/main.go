// Command worker tells customers where their parcel is.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"time"
)

// Event is one sighting of a parcel, as the API writes it to the queue.
type Event struct {
	Code  string    `json:"code"`
	Town  string    `json:"town"`
	Phone string    `json:"phone"`
	At    time.Time `json:"at"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	client := newClient()
	events := json.NewDecoder(os.Stdin)
	for ctx.Err() == nil {
		var event Event
		if err := events.Decode(&event); err != nil {
			log.Printf("no more events: %v", err)
			return
		}
		if err := deliver(ctx, client, event); err != nil {
			log.Printf("%s: %v", event.Code, err)
		}
		if err := archive(event); err != nil {
			log.Printf("%s: %v", event.Code, err)
		}
	}
}
