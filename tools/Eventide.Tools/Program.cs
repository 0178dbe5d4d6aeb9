using Eventide.Contracts;
using Eventide.Tools;

return args switch
{
    ["order"] => await OrderCommand.ExecuteAsync(),
    ["token", { } customer] => Token(customer),
    _ => Usage(),
};

static int Token(string customer)
{
    Console.WriteLine(DevelopmentSignIn.TokenFor(customer, DateTimeOffset.UtcNow.AddHours(1)));
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: order    place one order in the running shop and follow it\n       token CUSTOMER   print a development token of this customer, good for an hour");
    return 2;
}
