using System.CommandLine;
using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The option --input name=1x3x320x320, which fixes the shape of an input.</summary>
internal static class InputShapes
{
    /// <summary>A new option.</summary>
    public static Option<string[]> Option() => new("--input")
    {
        Description = "Fixes the shape of an input, as in --input name=1x3x320x320; may be given several times.",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The shapes by name.</summary>
    /// <exception cref="EdgeException">An argument is malformed.</exception>
    public static Dictionary<string, Shape> Parse(IEnumerable<string>? arguments)
    {
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (string argument in arguments ?? [])
        {
            // Names may contain '=' and even 'x'; sizes may not.
            int at = argument.LastIndexOf('=');
            string[] sizes = at < 1 ? [] : argument[(at + 1)..].Split('x', ',');
            int[] dimensions = [.. sizes.Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out int d) ? d : -1)];
            if (dimensions.Length is 0 or > Shape.MaxRank || dimensions.Contains(-1) || !shapes.TryAdd(argument[..at], new Shape(dimensions)))
                throw new EdgeException(ErrorCode.BadUsage, $"--input {argument}: this fixes no shape.", "Write it as --input name=1x3x320x320, once for each input.");
        }
        return shapes;
    }
}
