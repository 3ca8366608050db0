"""Who a person is: login by e-mail, role, second factor."""
