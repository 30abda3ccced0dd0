using System.Globalization;
using System.Xml.Linq;

namespace EdgeRuntime.Tools.Bindings;

/// <summary>vk.xml, looked up by name.</summary>
internal sealed class VulkanRegistry
{
    private readonly XElement root;
    private readonly Dictionary<string, XElement> types = [];
    private readonly Dictionary<string, XElement> commands = [];
    private readonly HashSet<string> extensions;

    public VulkanRegistry(string path, IEnumerable<string> extensions)
    {
        root = XDocument.Load(path).Root!;
        this.extensions = [.. extensions];
        foreach (XElement type in root.Elements("types").Elements("type"))
            if ((Text(type, "name") ?? type.Element("name")?.Value) is { } name) types.TryAdd(name, type);
        foreach (XElement command in root.Elements("commands").Elements("command"))
            if (command.Element("proto")?.Element("name")?.Value is { } name) commands.TryAdd(name, command);
        Version = types["VK_HEADER_VERSION"].Nodes().OfType<XText>().Last().Value.Trim();
    }

    /// <summary>The version of the headers.</summary>
    public string Version { get; }

    public XElement Command(string name) => commands.TryGetValue(name, out XElement? command) ? command : throw new InvalidDataException($"{name} is not in the registry.");

    public XElement Type(string name) => types.TryGetValue(name, out XElement? type) ? type : throw new InvalidDataException($"{name} is not in the registry.");

    /// <summary>The number that a constant of the interface stands for.</summary>
    public int Constant(string name) => int.Parse(
        root.Elements("enums").Elements("enum").First(e => Text(e, "name") == name).Attribute("value")!.Value, CultureInfo.InvariantCulture);

    /// <summary>The members of an enum, in core and in the listed extensions, without aliases.</summary>
    public IEnumerable<(string Name, long Value)> Members(string enumName)
    {
        XElement declared = root.Elements("enums").First(e => Text(e, "name") == enumName);
        foreach (XElement member in declared.Elements("enum"))
            if (Text(member, "alias") is null) yield return (Text(member, "name")!, Value(member, 0));
        var seen = new HashSet<string>();
        IEnumerable<XElement> parts = root.Elements("feature").Concat(root.Elements("extensions").Elements("extension").Where(e => extensions.Contains(Text(e, "name")!)));
        foreach (XElement part in parts)
            foreach (XElement member in part.Elements("require").Elements("enum"))
                if (Text(member, "extends") == enumName && Text(member, "alias") is null && seen.Add(Text(member, "name")!))
                    yield return (Text(member, "name")!, Value(member, Number(Text(member, "extnumber") ?? Text(part, "number")!)));
    }

    public static string? Text(XElement element, string attribute) => (string?)element.Attribute(attribute);

    // The registry's own rule: extensions have blocks of a thousand numbers each, from a billion on.
    private static long Value(XElement member, long extension)
    {
        if (Text(member, "bitpos") is { } bit) return 1L << (int)Number(bit);
        if (Text(member, "offset") is not { } offset) return Number(Text(member, "value")!);
        long value = 1_000_000_000 + (extension - 1) * 1000 + Number(offset);
        return Text(member, "dir") == "-" ? -value : value;
    }

    private static long Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : text.Contains('.') ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
}
