using EdgeRuntime.Tools.Commands;

return Verbs.Run(args);
