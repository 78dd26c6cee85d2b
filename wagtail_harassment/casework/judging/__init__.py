"""What is judged about a case: how dangerous it is, what protects people meanwhile, what they agreed to."""
