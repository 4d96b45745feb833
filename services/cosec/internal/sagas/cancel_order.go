package sagas

import (
	"google.golang.org/protobuf/proto"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/saga"
	"mallbots.example/services/internal/topics"
)

// CancelOrder takes an approved order to canceled because its customer wants that, unless a bot has its list: then the order goes on.
// Canceling the list is the pivot: after it no bot can take the list, and the rest is only giving back.
var CancelOrder = saga.Definition[Order]{
	Name: "cancel-order",
	Steps: []saga.Step[Order]{
		{
			Name: "refuse cancel",
			Compensation: func(o Order, failure saga.Failure) *saga.Command {
				return command(topics.OrderingCommands, o, &orderingv1.RefuseCancel{OrderId: o.OrderID, Reason: failure.Reason})
			},
		},
		{
			Name: "cancel shopping list", Deadline: stepDeadline, Attempts: saga.UntilAnswered,
			Action: func(o Order) *saga.Command {
				return command(topics.DepotCommands, o, &depotv1.CancelShoppingList{OrderId: o.OrderID, OnlyIfUnassigned: true})
			},
		},
		voidPaymentStep, releaseStockStep, confirmCancelStep,
	},
}

// The steps that give back what an order holds. None is refused: each changes nothing where nothing is held.
var (
	voidPaymentStep = saga.Step[Order]{
		Name: "void payment", Deadline: stepDeadline, Retriable: true,
		Action: func(o Order) *saga.Command { return voidPayment(o, saga.Failure{}) },
	}
	releaseStockStep = saga.Step[Order]{
		Name: "release stock", Deadline: stepDeadline, Retriable: true,
		Action: func(o Order) *saga.Command { return releaseStock(o, saga.Failure{}) },
	}
	confirmCancelStep = saga.Step[Order]{
		Name: "confirm cancel", Deadline: stepDeadline, Retriable: true,
		Action: func(o Order) *saga.Command {
			return command(topics.OrderingCommands, o, &orderingv1.ConfirmCancel{OrderId: o.OrderID})
		},
	}
)

func releaseStock(o Order, _ saga.Failure) *saga.Command {
	return command(topics.StoresCommands, o, &storesv1.ReleaseStock{OrderId: o.OrderID})
}

func voidPayment(o Order, _ saga.Failure) *saga.Command {
	return command(topics.PaymentsCommands, o, &paymentsv1.VoidPayment{OrderId: o.OrderID, PaymentId: o.PaymentID})
}

// command is about the order, whichever service gets it: the commands of one order are handled one after the other.
func command(topic string, o Order, body proto.Message) *saga.Command {
	return &saga.Command{Topic: topic, Subject: o.OrderID, Body: body}
}
