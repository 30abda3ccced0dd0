using System.Text.RegularExpressions;

namespace EdgeRuntime.Tools.Shaders;

/// <summary>
/// The helper functions of a kernel in OpenCL C. Sizes are members of the kernel's last argument there, so functions that use some, themselves or
/// through others, get it as their first parameter, and calls are macros that pass it on.
/// </summary>
internal static partial class OpenClFunctions
{
    /// <summary>Writes functions and macros; also names those functions that are in the program.</summary>
    /// <param name="text">The functions and macros as the kernel's files have them.</param>
    /// <param name="sizes">Names of the sizes.</param>
    public static (string Text, IEnumerable<string> Names) Write(string text, IEnumerable<string> sizes)
    {
        HashSet<string> users = Users(text, [.. sizes]);
        var names = new List<string>();
        string written = Function().Replace(text, match =>
        {
            string name = match.Groups["name"].Value, parameters = match.Groups["parameters"].Value.Trim();
            bool uses = users.Contains(name);
            string own = uses ? name + "_of" : name;
            if (!names.Contains(own)) names.Add(own);
            if (!uses) return $"static {match.Value}";
            string[] given = [.. Enumerable.Range(0, parameters.Length == 0 ? 0 : parameters.Split(',').Length).Select(i => $"a{i}_")];
            return $"#define {name}({string.Join(", ", given)}) {own}({string.Join(", ", given.Prepend("given_"))})\n"
                + $"static {match.Groups["type"].Value} {own}({string.Join(", ", new[] { "const Given given_", parameters }.Where(p => p.Length > 0))})";
        });
        return (written, names);
    }

    /// <summary>The names that stand for something that uses a size.</summary>
    private static HashSet<string> Users(string text, HashSet<string> users)
    {
        // Each definition reaches to where the next begins; what is between them only makes a function a user that need not be one.
        Match[] starts = Definition().Matches(text).ToArray();
        for (int before = -1; before != users.Count;)
        {
            before = users.Count;
            for (int i = 0; i < starts.Length; i++)
            {
                string whole = text[starts[i].Index..(i + 1 < starts.Length ? starts[i + 1].Index : text.Length)];
                if (Word().EnumerateMatches(whole) is var words)
                    foreach (ValueMatch word in words)
                        if (users.Contains(whole.Substring(word.Index, word.Length))) users.Add(starts[i].Groups["name"].Value);
            }
        }
        return users;
    }

    /// <summary>The head of a function.</summary>
    [GeneratedRegex(@"^(?<type>(?:u?int|float|bool)[24]?) (?<name>\w+)\((?<parameters>[^;)]*)\)(?!;)", RegexOptions.Multiline)]
    private static partial Regex Function();

    /// <summary>Where a function or a macro begins.</summary>
    [GeneratedRegex(@"^(?:#define |(?:u?int|float|bool)[24]? )(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
