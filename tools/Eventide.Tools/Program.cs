using Eventide.Tools;

return args is ["order"] ? await OrderCommand.ExecuteAsync() : Usage();

static int Usage()
{
    Console.Error.WriteLine("usage: order    place one order in the running shop and follow it");
    return 2;
}
