using System.CommandLine;

return new RootCommand("Starts brokers and stores of this machine's own.").Parse(args).Invoke();
