// Package topics names the streams of the mall: one of events per owning service, one of commands per receiving service, one of replies
// per orchestrator. They are part of the contract, like the messages in api.
package topics

// The streams.
const (
	StoresEvents    = "mallbots.stores.events"
	CustomersEvents = "mallbots.customers.events"
	BasketsEvents   = "mallbots.baskets.events"
	OrderingEvents  = "mallbots.ordering.events"
	DepotEvents     = "mallbots.depot.events"
	PaymentsEvents  = "mallbots.payments.events"

	StoresCommands    = "mallbots.stores.commands"
	CustomersCommands = "mallbots.customers.commands"
	OrderingCommands  = "mallbots.ordering.commands"
	DepotCommands     = "mallbots.depot.commands"
	PaymentsCommands  = "mallbots.payments.commands"

	CosecReplies = "mallbots.cosec.replies"
)
