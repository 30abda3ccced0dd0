using System.Text;
using System.Text.RegularExpressions;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Shaders;

/// <summary>
/// A kernel of src/Shaders: declarations, one a line (see src/Shaders/README.md), functions, and after BODY the main function; it is
/// written out as GLSL for Vulkan and as OpenCL C.
/// </summary>
internal sealed partial class KernelSource
{
    /// <summary>Words of the 128 bytes that every Vulkan device can be pushed.</summary>
    private const int MostParameters = 32;

    private readonly List<(string Kind, string Type, string Name, string Default)> constants = [];
    private readonly List<(string Type, string Name)> parameters = [];
    private readonly List<(string Type, string Name, string Length)> shared = [];
    private readonly List<KernelBuffer> buffers = [];
    private readonly HashSet<string> included = [];
    private readonly StringBuilder functions = new(), body = new();
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private bool halfArithmetic, packedDot;

    private KernelSource(string name) => Name = name;

    /// <summary>Name of the kernel and of its file.</summary>
    public string Name { get; }

    /// <summary>The line for the manifest.</summary>
    public KernelInfo Info => new(Name, buffers, [.. constants.Select(c => c.Name)], [.. parameters.Select(p => p.Name)], halfArithmetic, packedDot);

    /// <summary>Reads a kernel and what it includes.</summary>
    /// <exception cref="EdgeException">A declaration is wrong, naming file and line.</exception>
    public static KernelSource Read(string path)
    {
        var source = new KernelSource(Path.GetFileNameWithoutExtension(path));
        source.Add(path, included: false);
        if (source.body.Length == 0) throw new EdgeException(ErrorCode.CannotRead, $"{path} has no BODY with a main function.", "src/Shaders/README.md describes the file.");
        return source;
    }

    /// <summary>The kernel in GLSL.</summary>
    /// <param name="prelude">The text of prelude/vulkan.glsl.</param>
    /// <param name="variant">Precision and kind of reading.</param>
    public string ToGlsl(string prelude, KernelVariant variant)
    {
        var text = new StringBuilder("#version 450\n");
        if (variant.HalfStorage) text.Append("#define HALF_STORAGE\n");
        if (variant.HalfArithmetic) text.Append("#define HALF_ARITHMETIC\n");
        if (variant.PackedDot) text.Append("#define PACKED_DOT\n");
        text.Append(prelude).Append(Functions());
        for (int i = 0; i < constants.Count; i++)
            text.Append($"layout(constant_id = {i + KernelInfo.FirstConstant}) const {constants[i].Type} {constants[i].Name} = {constants[i].Default};\n");
        if (parameters.Count > 0)
        {
            text.Append("layout(push_constant) uniform Parameters {");
            foreach ((string type, string name) in parameters) text.Append($" {type} {name};");
            text.Append(" } p;\n");
        }
        for (int i = 0; i < buffers.Count; i++) text.Append(GlslBuffer(buffers[i], i, variant));
        foreach ((string type, string name, string length) in shared) text.Append($"shared {type} {name}[{length}];\n");
        return text.Append(functions).Append("void main()\n").Append(body).ToString();
    }

    /// <summary>
    /// The kernel in OpenCL C, as <see cref="OpenClKernel"/> reads it: lines that tell its constants and the names it uses, then the text, in which
    /// constants, and the types that floats have, are macros of its user's. Several kernels, and several forms of one, can be in a program.
    /// </summary>
    public string ToOpenCl()
    {
        var text = new StringBuilder();
        foreach ((string kind, string type, string name, string value) in constants) text.Append(OpenClKernel.Mark).Append($"{kind.ToLowerInvariant()} {type} {name} {value}\n");
        string[] sizes = [.. constants.Where(c => c.Kind != "CONSTANT").Select(c => c.Name)];
        // What is given in numbers: where operands begin, in elements, sizes and parameters. All are words of 32 bits.
        var given = new StringBuilder("typedef struct {").AppendJoin("", buffers.Select(b => $" int {b.Name}_at;"))
            .AppendJoin("", constants.Where(c => c.Kind != "CONSTANT").Select(c => $" {c.Type} {c.Name}_;")).AppendJoin("", parameters.Select(p => $" {p.Type} {p.Name};")).Append(" } Given;\n");
        foreach (string name in sizes) given.Append($"#ifndef {name}\n#define {name} (given_.{name}_)\n#endif\n");
        if (parameters.Count > 0) given.Append("#define p given_\n");
        // A parameter that had the name of the buffer would take its place.
        foreach (KernelBuffer buffer in buffers)
            given.Append(buffer.Written ? $"#define STORE_{buffer.Name}(at_, value_) STORE_{OpenClKind(buffer.Element)}({buffer.Name}, at_, value_)\n"
                : $"#define LOAD_{buffer.Name}(at_) LOAD_{OpenClKind(buffer.Element)}({buffer.Name}, at_)\n");
        (string helpers, IEnumerable<string> helperNames) = OpenClFunctions.Write(functions.ToString(), sizes);
        foreach (string name in helperNames.Append(OpenClKernel.FunctionName(Name)).Append("Given")) text.Append(OpenClKernel.Mark).Append($"name {name}\n");
        string code = given + helpers;
        foreach (string name in Macro().Matches(code).Select(m => m.Groups[1].Value).Distinct()) text.Append(OpenClKernel.Mark).Append($"macro {name}\n");
        text.Append(code).Append($"__kernel __attribute__((reqd_work_group_size(GROUP_X, GROUP_Y, GROUP_Z)))\nvoid {OpenClKernel.FunctionName(Name)}(")
            .AppendJoin(", ", buffers.Select(b => $"__global {(b.Written ? "" : "const ")}{OpenClType(b.Element)}* restrict {b.Name}")).Append(", const Given given_)\n{\n");
        foreach (KernelBuffer buffer in buffers) text.Append($"ADVANCE_{OpenClKind(buffer.Element)}({buffer.Name}, given_.{buffer.Name}_at);\n");
        foreach ((string type, string name, string length) in shared) text.Append($"__local {type} {name}[{length}];\n");
        return text.Append(body).Append("}\n").ToString();
    }

    /// <summary>What all kernels in OpenCL C need before them.</summary>
    /// <param name="prelude">The text of prelude/opencl.cl.</param>
    public static string OpenClPrelude(string prelude) => prelude + Functions();

    private void Add(string path, bool included)
    {
        bool inBody = false;
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (inBody || !Declare(path, line, number, included, out inBody)) (inBody ? body : functions).Append(line).Append('\n');
        }
    }

    private bool Declare(string path, string line, int number, bool included, out bool body)
    {
        body = line.Trim() == "BODY";
        if (body) return true;
        if (line.Trim() == "HALF_ARITHMETIC") return halfArithmetic = true;
        if (line.Trim() == "PACKED_DOT") return packedDot = true;
        if (Declaration().Match(line) is not { Success: true } match)
        {
            // What is taken for text of a function would be found by a compiler, in a file that nobody has written.
            if (Intended().IsMatch(line)) throw Wrong($"'{line.Trim()}' is no declaration, which is NAME(...) on a line of its own, and no text of a function");
            return false;
        }
        string declaration = match.Groups[1].Value;
        string[] arguments = [.. match.Groups[2].Value.Split(',', 3).Select(a => a.Trim())];
        int expected = declaration switch { "CONSTANT" or "SIZE" or "FLAG" or "SHARED" => 3, "PARAM" or "READS" or "WRITES" => 2, _ => 1 };
        if (arguments.Length != expected || arguments.Contains("")) throw Wrong($"{declaration} takes {expected} argument{(expected == 1 ? "" : "s")}");
        if (expected > 1 && !names.Add(arguments[1])) throw Wrong($"{arguments[1]} is declared twice");
        if (declaration is "CONSTANT" or "SIZE" or "FLAG" or "PARAM" && arguments[0] is not ("int" or "uint" or "float")) throw Wrong($"the type of {arguments[1]} must be int, uint or float, not {arguments[0]}");
        switch (declaration)
        {
            case "KERNEL":
                if (included || arguments[0] != Name) throw Wrong($"the file of KERNEL({arguments[0]}) must have its name");
                break;
            case "CONSTANT" or "SIZE" or "FLAG":
                constants.Add((declaration, arguments[0], arguments[1], arguments[2]));
                break;
            case "PARAM":
                parameters.Add((arguments[0], arguments[1]));
                if (parameters.Count > MostParameters) throw Wrong($"there are more than {MostParameters} PARAMs, which is what every device can take");
                break;
            case "SHARED":
                shared.Add((arguments[0], arguments[1], arguments[2]));
                break;
            case "INCLUDE":
                string file = Path.Combine(Path.GetDirectoryName(path)!, included ? "" : "include", arguments[0] + ".inc");
                if (!File.Exists(file)) throw Wrong($"there is no {file}");
                if (this.included.Add(arguments[0])) Add(file, included: true);
                break;
            default:
                if (!Enum.TryParse(arguments[0], ignoreCase: true, out KernelElement element) || !char.IsLetter(arguments[0][0]))
                    throw Wrong($"{arguments[0]} is none of {string.Join(", ", Enum.GetNames<KernelElement>()).ToLowerInvariant()}");
                buffers.Add(new KernelBuffer(arguments[1], element, declaration == "WRITES"));
                break;
        }
        return true;

        EdgeException Wrong(string problem) => new(ErrorCode.CannotRead, $"{path}({number}): {problem}.", "src/Shaders/README.md describes the declarations.");
    }

    private static string GlslBuffer(KernelBuffer buffer, int binding, KernelVariant variant)
    {
        string name = buffer.Name, element = GlslType(buffer.Element), stored = variant.HalfStorage ? HalfType(buffer.Element) : element;
        string arithmetic = buffer.Element switch { KernelElement.Float => "real", KernelElement.Float4 => "real4", _ => element };
        if (buffer.Written)
            return $"layout(std430, binding = {binding}) writeonly buffer {name}_block {{ {stored} {name}_data[]; }};\n"
                + $"#define STORE_{name}(i, v) {name}_data[i] = {stored}(v)\n";
        if (variant.Texels)
        {
            string sampler = buffer.Element switch { KernelElement.Int => "isamplerBuffer", KernelElement.UInt or KernelElement.UInt4 => "usamplerBuffer", _ => "samplerBuffer" };
            string part = buffer.Element is KernelElement.Float4 or KernelElement.UInt4 ? "" : ".x";
            return $"layout(binding = {binding}) uniform {sampler} {name}_texels;\n#define LOAD_{name}(i) {arithmetic}(texelFetch({name}_texels, int(i)){part})\n";
        }
        return $"layout(std430, binding = {binding}) readonly buffer {name}_block {{ {stored} {name}_data[]; }};\n#define LOAD_{name}(i) {arithmetic}({name}_data[i])\n";
    }

    private static string GlslType(KernelElement element) => element switch
    {
        KernelElement.Float or KernelElement.Float32 => "float",
        KernelElement.Float4 => "vec4",
        KernelElement.Int => "int",
        KernelElement.UInt => "uint",
        _ => "uvec4",
    };

    private static string HalfType(KernelElement element) => element switch
    {
        KernelElement.Float => "float16_t",
        KernelElement.Float4 => "f16vec4",
        _ => GlslType(element),
    };

    /// <summary>By what name the prelude knows how to touch elements.</summary>
    private static string OpenClKind(KernelElement element) => element switch
    {
        KernelElement.Float => "STORED",
        KernelElement.Float4 => "STORED4",
        _ => "PLAIN",
    };

    private static string OpenClType(KernelElement element) => element switch
    {
        KernelElement.Float => "stored",
        KernelElement.Float4 => "stored4",
        KernelElement.Float32 => "float",
        _ => element.ToString().ToLowerInvariant(),
    };

    /// <summary>The numbers of functions, so that kernels and C# cannot disagree.</summary>
    private static string Functions()
    {
        var text = new StringBuilder();
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>()) text.Append($"#define {function} {(int)function}\n");
        foreach (BinaryFunction function in Enum.GetValues<BinaryFunction>()) text.Append($"#define {function} {(int)function}\n");
        return text.ToString();
    }

    [GeneratedRegex(@"^(KERNEL|CONSTANT|SIZE|FLAG|PARAM|READS|WRITES|SHARED|INCLUDE)\((.*)\)\s*(//.*)?$")]
    private static partial Regex Declaration();

    /// <summary>The definition of a macro.</summary>
    [GeneratedRegex(@"^#define (\w+)", RegexOptions.Multiline)]
    private static partial Regex Macro();

    [GeneratedRegex(@"^([A-Z][A-Z_]*\s*\(|\s*(KERNEL|CONSTANT|SIZE|FLAG|PARAM|READS|WRITES|SHARED|INCLUDE)\b)")]
    private static partial Regex Intended();
}
