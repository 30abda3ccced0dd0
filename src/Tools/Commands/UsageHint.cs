using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace EdgeRuntime.Tools.Commands;

/// <summary>What to say about a command line that cannot be parsed: what is wrong, and what was probably meant.</summary>
internal static class UsageHint
{
    /// <summary>What is wrong.</summary>
    public static string Problem(ParseResult parsed)
    {
        if (Stray(parsed) is not { } stray) return Explain(parsed, parsed.Errors[0]);
        string kind = stray.StartsWith('-') ? "option" : parsed.CommandResult.Command.Subcommands.Any() ? "verb" : "argument";
        return $"{Path(parsed)} has no {kind} '{stray}'.";
    }

    /// <summary>What was probably meant, and where to look.</summary>
    public static string Remedy(ParseResult parsed)
    {
        string help = $"`{Path(parsed)} --help` lists what there is.";
        if (Stray(parsed) is not { } stray) return help;
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> names = stray.StartsWith('-')
            ? command.Options.SelectMany(o => o.Aliases.Append(o.Name)).Append("--help")
            : command.Subcommands.SelectMany(c => c.Aliases.Append(c.Name));
        return Nearest(stray, names) is { } nearest ? $"Did you mean '{nearest}'? {help}" : help;
    }

    /// <summary>The parser's errors in the words of the help: no type names, no line breaks.</summary>
    private static string Explain(ParseResult parsed, ParseError error)
    {
        switch (error.SymbolResult)
        {
            case OptionResult { Tokens.Count: > 0 } option:
                string given = option.Tokens[^1].Value;
                IEnumerable<string> choices = option.Option.GetCompletions(CompletionContext.Empty).Select(c => c.Label);
                return $"'{given}' is not a value of {option.Option.Name}{(choices.Any() ? $": it takes {string.Join(" or ", choices)}" : "")}.";
            case OptionResult { IdentifierTokenCount: > 0 } option:
                return $"{option.Option.Name} needs a value.";
            case CommandResult command when command.Command.Subcommands.Any():
                return $"{Path(parsed)} needs a verb: {string.Join(", ", command.Command.Subcommands.Select(c => c.Name))}.";
            case CommandResult or ArgumentResult when parsed.CommandResult.Command.Arguments.FirstOrDefault(a => parsed.GetResult(a) is not { Tokens.Count: > 0 }) is { } missing:
                return $"{Path(parsed)} needs <{missing.Name}>: {missing.Description}";
            default:
                return error.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>The name fewest edits away, or null when none is near enough to be a slip of the finger.</summary>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        int limit = Math.Max(1, typed.TrimStart('-').Length / 2);
        return names.Select(name => (Name: name, Distance: name.StartsWith(typed, StringComparison.Ordinal) ? 1 : Distance(typed, name)))
            .Where(c => c.Distance <= limit).OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name).FirstOrDefault();
    }

    /// <summary>The word that nothing asked for. An option that is not known may have been taken for the value of an argument.</summary>
    private static string? Stray(ParseResult parsed) =>
        parsed.Tokens.FirstOrDefault(t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal))?.Value
        ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null);

    private static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (Command? command = parsed.CommandResult.Command; command is not (null or RootCommand); command = command.Parents.OfType<Command>().FirstOrDefault())
            names.Push(command.Name);
        names.Push("edgert");
        return string.Join(' ', names);
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.</summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) table[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(replace, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], 1 + table[i - 2, j - 2]);
            }
        return table[a.Length, b.Length];
    }
}
