using System.Text;
using System.Text.RegularExpressions;

namespace EdgeRuntime.Tools.Bindings;

/// <summary>How Silk.NET calls what the Khronos registry names.</summary>
internal static partial class SilkNames
{
    /// <summary>A type: <c>VkBufferUsageFlagBits</c> is <c>BufferUsageFlags</c>.</summary>
    public static string Type(string name) => name["Vk".Length..].Replace("FlagBits", "Flags");

    /// <summary>A field: <c>pipelineCacheUUID</c> is <c>PipelineCacheUuid</c>; acronyms of two letters stay.</summary>
    public static string Field(string name)
    {
        string capital = string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return Acronym().Replace(capital, match => match.Value[0] + match.Value[1..].ToLowerInvariant());
    }

    /// <summary>A member of an enum: <c>VK_BUFFER_USAGE_STORAGE_BUFFER_BIT</c> of <c>VkBufferUsageFlagBits</c> is <c>StorageBufferBit</c>.</summary>
    public static string Member(string name, string enumName)
    {
        string type = Tag().Replace(enumName.Replace("FlagBits", ""), "");
        string[] prefix = [.. WordStart().Split(type).Where(word => word.Length > 0).Select(word => word.ToUpperInvariant())];
        string start = string.Join('_', prefix) + "_";
        string rest = name.StartsWith(start, StringComparison.Ordinal) ? name[start.Length..] : name["VK_".Length..];
        return Words(char.IsDigit(rest[0]) ? $"{prefix[^1]}_{rest}" : rest);
    }

    /// <summary>A name that may be a word of C#.</summary>
    public static string Parameter(string name) => name is "event" or "object" or "params" ? "@" + name : name;

    private static string Words(string upper)
    {
        var text = new StringBuilder(upper.Length);
        bool capital = true;
        // Channels of a format keep their capitals: R16G16 is R16G16.
        upper = Channels().Replace(upper, match => string.Join('_', ChannelEnd().Split(match.Value)));
        foreach (char letter in upper)
        {
            if (letter == '_')
            {
                capital = true;
                continue;
            }
            text.Append(capital ? letter : char.ToLowerInvariant(letter));
            // "8BIT" is 8Bit, while "INT8" is Int8: a digit that begins a word does not end its capital.
            capital = capital && char.IsDigit(letter);
        }
        return text.ToString();
    }

    [GeneratedRegex("[A-Z]{3,}(?=$|[A-Z][a-z]|[0-9])")]
    private static partial Regex Acronym();

    [GeneratedRegex("(?<![A-Z0-9])(?:[A-Z][0-9]+){2,}(?![A-Z0-9])")]
    private static partial Regex Channels();

    [GeneratedRegex("(?<=[0-9])(?=[A-Z])")]
    private static partial Regex ChannelEnd();

    [GeneratedRegex("(?:KHR|EXT|NV)$")]
    private static partial Regex Tag();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
