using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// A kernel in OpenCL C as <c>edgert shaders</c> has written it: marked lines that tell its constants, sizes and the names it uses, and the text. The
/// names are macros while it is compiled, so that a program can hold it in several forms.
/// </summary>
internal sealed class OpenClKernel
{
    /// <summary>How a line begins that is no text.</summary>
    public const string Mark = "//: ";

    private static readonly ConcurrentDictionary<string, OpenClKernel> Known = new(StringComparer.Ordinal);

    /// <summary>A dispatch that has this constant, and not 0, gives flags as it gives sizes: less code to compile, which decides more.</summary>
    private const string Folded = "FOLDED";

    private readonly List<(string Type, string Name, string Default, bool IsFlag)> constants = [];
    private readonly List<(string Name, int Default)> sizes = [];
    private readonly List<string> names = [], macros = [];
    private readonly string text;

    private OpenClKernel(string source)
    {
        int at = 0;
        while (string.CompareOrdinal(source, at, Mark, 0, Mark.Length) == 0)
        {
            int end = source.IndexOf('\n', at);
            string[] words = source[(at + Mark.Length)..end].Split(' ', 4);
            switch (words[0])
            {
                case "constant":
                    constants.Add((words[1], words[2], words[3], false));
                    break;
                case "size" or "flag":
                    if (words[0] == "flag") constants.Add((words[1], words[2], words[3], true));
                    sizes.Add((words[2], words[1] == "float" ? BitConverter.SingleToInt32Bits(float.Parse(words[3], CultureInfo.InvariantCulture)) : int.Parse(words[3], CultureInfo.InvariantCulture)));
                    break;
                case "name":
                    names.Add(words[1]);
                    break;
                default:
                    macros.Add(words[1]);
                    break;
            }
            at = end + 1;
        }
        text = source[at..];
    }

    /// <summary>What a kernel's function is called, where names such as normalize are taken.</summary>
    public static string FunctionName(string kernel) => "edgert_" + kernel;

    /// <summary>A kernel of the manifest.</summary>
    public static OpenClKernel Of(string name) => Known.GetOrAdd(name, static n => new OpenClKernel(KernelManifest.OpenClText(n)));

    /// <summary>Writes the kernel in the form that a dispatch needs; its names have <paramref name="suffix"/> appended.</summary>
    public void Write(StringBuilder program, GpuDispatch dispatch, string suffix)
    {
        (string, string)[] defined = [.. Definitions(dispatch), .. names.Select(name => (name, name + suffix))];
        foreach ((string name, string value) in defined) program.Append("#define ").Append(name).Append(' ').Append(value).Append('\n');
        program.Append(text);
        foreach ((string name, _) in defined) program.Append("#undef ").Append(name.AsSpan(0, name.IndexOf('(') is var end and > 0 ? end : name.Length)).Append('\n');
        foreach (string macro in macros) program.Append("#undef ").Append(macro).Append('\n');
    }

    /// <summary>What a dispatch makes of the text: dispatches with equal ones share the compiled kernel.</summary>
    public string Form(GpuDispatch dispatch) => string.Join('\n', Definitions(dispatch).Select(d => $"{d.Name} {d.Value}"));

    /// <summary>The sizes of a dispatch in the order in which the kernel takes them.</summary>
    public IEnumerable<int> Sizes(Dispatch dispatch) =>
        sizes.Select(size => Array.FindIndex(dispatch.Constants, c => c.Name == size.Name) is var at and >= 0 ? dispatch.Constants[at].Value : size.Default);

    private IEnumerable<(string Name, string Value)> Definitions(GpuDispatch dispatch)
    {
        bool half = dispatch.Variant.HalfArithmetic;
        Grid size = dispatch.Dispatch.GroupSize;
        yield return ("real", half ? "half" : "float");
        yield return ("real4", half ? "half4" : "float4");
        yield return ("TO_REAL4(v)", half ? "convert_half4(v)" : "(v)");
        yield return ("GROUP_X", Number(size.X));
        yield return ("GROUP_Y", Number(size.Y));
        yield return ("GROUP_Z", Number(size.Z));
        KernelConstant[] given = dispatch.Dispatch.Constants;
        bool folded = Array.Exists(given, c => c.Name == Folded && c.Value != 0);
        foreach ((string type, string name, string value, bool isFlag) in constants)
        {
            if (isFlag && folded) continue;
            int at = Array.FindIndex(given, c => c.Name == name);
            // Integers without a cast, so that the preprocessor can compare them.
            yield return (name, type switch
            {
                "float" => at < 0 ? $"((float)({value}))" : $"as_float({Number(given[at].Value)})",
                "uint" => at < 0 ? $"((uint)({value}))" : string.Create(CultureInfo.InvariantCulture, $"({(uint)given[at].Value}u)"),
                _ => at < 0 ? $"({value})" : $"({Number(given[at].Value)})",
            });
        }
    }

    private static string Number(int value) => value == int.MinValue ? "(-2147483647 - 1)" : value.ToString(CultureInfo.InvariantCulture);
}
