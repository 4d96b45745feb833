Feature: A shopping trip
  A customer puts products of several stores into one basket and checks out. Robots collect the items. The customer is told that the
  order is ready, pays the invoice and takes the order home.

  Rule: From the kiosk to the counter, a customer has nothing to wait for but the robots

    Scenario: From the first product to the completed order
      Given a store "Waldorf Books" that sells
        | product          | price | stock |
        | Sagas of the Sea | 24.99 | 5     |
      And a store "Copper Kettle" that sells
        | product | price | stock |
        | Assam   | 12.90 | 10    |
        | Jasmine | 18.75 | 3     |
      And a customer "Ada"
      When "Ada" puts 1 "Sagas of the Sea" into the basket
      And "Ada" puts 2 "Assam" into the basket
      Then the basket of "Ada" costs 50.79
      When "Ada" checks out
      Then the order of "Ada" becomes approved
      And the order of "Ada" becomes ready
      And "Ada" has an invoice of 50.79
      When "Ada" pays the invoice
      Then the order of "Ada" becomes completed
      And the payment of "Ada" is captured
      And the stock of "Assam" is 8
      And the stock of "Sagas of the Sea" is 4
      And the stock of "Jasmine" is 3
      And "Ada" was told that the order was received
      And "Ada" was told that the order is ready
      And the search comes to show the order of "Ada" as completed

    Scenario: Robots collect a whole order by themselves
      Given a store "Tinker" that sells
        | product | price | stock |
        | Servo   | 14.50 | 9     |
      And a customer "Bob"
      And "Bob" puts 3 "Servo" into the basket
      When "Bob" checks out
      Then the order of "Bob" becomes ready
      And a robot has collected 3 "Servo" for the order of "Bob"

    Scenario: Two customers shop at the same time
      Given a store "Tinker" that sells
        | product | price | stock |
        | Servo   | 14.50 | 9     |
      And a customer "Ada"
      And a customer "Bob"
      And "Ada" puts 4 "Servo" into the basket
      And "Bob" puts 5 "Servo" into the basket
      When "Ada" and "Bob" check out at the same time
      Then the order of "Ada" becomes ready
      And the order of "Bob" becomes ready
      And the stock of "Servo" is 0
