// Package routes says which service answers a call.
package routes

import (
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/rpc"
)

// public are the contracts that the mall offers to the world. What is linked here is also what reflection lists, and how the server knows
// which of the calls that pass through are unary and need a deadline.
var public = []protoreflect.FileDescriptor{
	storesv1.File_mallbots_stores_v1_stores_service_proto,
	customersv1.File_mallbots_customers_v1_customers_service_proto,
	basketsv1.File_mallbots_baskets_v1_baskets_service_proto,
	orderingv1.File_mallbots_ordering_v1_ordering_service_proto,
	depotv1.File_mallbots_depot_v1_depot_service_proto,
	paymentsv1.File_mallbots_payments_v1_payments_service_proto,
	notificationsv1.File_mallbots_notifications_v1_notifications_service_proto,
	searchv1.File_mallbots_search_v1_search_service_proto,
}

// Methods are all public methods.
func Methods() []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	for _, file := range public {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				all = append(all, methods.Get(j))
			}
		}
	}
	return all
}

// Table holds a connection for each public method.
type Table map[string]grpc.ClientConnInterface

// New is the table of all public methods: those of the package mallbots.<service>.v1 go to the peer <service>.
//
// It goes by method and not by service name alone: in a process of many services a method that a service does not have would come back
// to this very process, and be passed on again and again.
func New(peer func(name string) grpc.ClientConnInterface) Table {
	table := Table{}
	for _, method := range Methods() {
		table[FullMethod(method)] = peer(serviceOf(method.ParentFile()))
	}
	return table
}

// Route is for rpc.NewProxy.
func (t Table) Route(method string) (grpc.ClientConnInterface, error) {
	conn, ok := t[method]
	if !ok {
		return nil, rpc.ErrNoRoute
	}
	return conn, nil
}

// serviceOf is the middle of mallbots.<service>.v1.
func serviceOf(file protoreflect.FileDescriptor) string {
	return string(file.Package().Parent().Name())
}

// FullMethod is the name that gRPC calls a method by.
func FullMethod(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}
