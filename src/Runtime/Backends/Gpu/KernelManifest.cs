using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>What an element of a kernel's operand is.</summary>
internal enum KernelElement
{
    /// <summary>A float in the precision of the device's memory.</summary>
    Float,

    /// <summary>Four of them, aligned to four.</summary>
    Float4,

    /// <summary>A float of 32 bits in every precision: inputs and outputs of the model.</summary>
    Float32,

    /// <summary>A signed integer of 32 bits.</summary>
    Int,

    /// <summary>An unsigned integer of 32 bits, or four packed bytes.</summary>
    UInt,

    /// <summary>Four unsigned integers.</summary>
    UInt4,
}

/// <summary>An operand that a kernel declares.</summary>
/// <param name="Name">Its name in the kernel.</param>
/// <param name="Element">What an element is.</param>
/// <param name="Written">Whether the kernel writes it; otherwise it reads it.</param>
internal sealed record KernelBuffer(string Name, KernelElement Element, bool Written);

/// <summary>A kernel as its source declares it.</summary>
/// <param name="Name">Its name, which is its file's.</param>
/// <param name="Buffers">Operands; their places are their bindings.</param>
/// <param name="Constants">Specialization constants; the first has the number <see cref="FirstConstant"/>.</param>
/// <param name="Parameters">Names of the 32-bit words that are pushed.</param>
/// <param name="HalfArithmetic">Whether it has a variant that computes in 16 bits.</param>
/// <param name="PackedDot">Whether it has a variant for devices that multiply packed bytes.</param>
internal sealed record KernelInfo(string Name, IReadOnlyList<KernelBuffer> Buffers, IReadOnlyList<string> Constants, IReadOnlyList<string> Parameters, bool HalfArithmetic, bool PackedDot = false)
{
    /// <summary>Number of the first constant; those below are the sizes of a workgroup.</summary>
    public const int FirstConstant = 3;

    /// <summary>Whether an operand has the precision of the device's memory.</summary>
    public bool HasFloats => Buffers.Any(b => b.Element is KernelElement.Float or KernelElement.Float4);

    /// <summary>Number of a constant.</summary>
    public int ConstantId(string name)
    {
        for (int i = 0; i < Constants.Count; i++)
            if (Constants[i] == name) return i + FirstConstant;
        throw new ArgumentException($"The kernel {Name} has no constant {name}.", nameof(name));
    }
}

/// <summary>All kernels and their compiled forms, as `edgert shaders` has made them of src/Shaders.</summary>
internal static class KernelManifest
{
    private const string Prefix = "EdgeRuntime.Shaders.";

    private static readonly Lazy<FrozenDictionary<string, KernelInfo>> Kernels = new(() =>
        Lists().Select(list => Parse(list.Split('\n')[0])).ToFrozenDictionary(k => k.Name, StringComparer.Ordinal));

    /// <summary>All kernels by name.</summary>
    public static FrozenDictionary<string, KernelInfo> All => Kernels.Value;

    /// <summary>The SPIR-V of a kernel's variant, such as f32.tex.</summary>
    public static byte[] SpirV(string kernel, string variant)
    {
        using Stream stream = Open($"{kernel}.{variant}.spv") ?? throw new ArgumentException($"There is no SPIR-V for {kernel}.{variant}.", nameof(kernel));
        byte[] code = new byte[stream.Length];
        stream.ReadExactly(code);
        return code;
    }

    /// <summary>A text of <c>edgert shaders</c>: a kernel in OpenCL C, or prelude, which all need before them.</summary>
    public static string OpenClText(string name)
    {
        using Stream stream = Open($"{name}.cl") ?? throw new ArgumentException($"There is no OpenCL C for {name}.", nameof(name));
        return new StreamReader(stream).ReadToEnd();
    }

    /// <summary>Digest of all kernels, sources and compiled forms: what caches are keyed by.</summary>
    public static string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Lists()))));

    /// <summary>Reads a kernel's line: name; operands; constants; parameters; options.</summary>
    internal static KernelInfo Parse(string line)
    {
        string[] parts = line.Split(';');
        return new KernelInfo(parts[0], [.. Words(parts[1]).Select(Buffer)], Words(parts[2]), Words(parts[3]), Words(parts[4]).Contains("half_arithmetic"), Words(parts[4]).Contains("packed_dot"));
    }

    /// <summary>The line of a kernel, which <see cref="Parse"/> reads.</summary>
    internal static string Format(KernelInfo kernel) => string.Join(';', kernel.Name,
        string.Join(' ', kernel.Buffers.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Name}:{b.Element}:{(b.Written ? "w" : "r")}"))),
        string.Join(' ', kernel.Constants), string.Join(' ', kernel.Parameters),
        string.Join(' ', new[] { kernel.HalfArithmetic ? "half_arithmetic" : "", kernel.PackedDot ? "packed_dot" : "" }.Where(o => o.Length > 0)));

    private static KernelBuffer Buffer(string text)
    {
        string[] parts = text.Split(':');
        return new KernelBuffer(parts[0], Enum.Parse<KernelElement>(parts[1]), parts[2] == "w");
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One text a kernel: its line, then a line for each compiled form.</summary>
    private static IEnumerable<string> Lists() =>
        from name in typeof(KernelManifest).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
        where name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".txt", StringComparison.Ordinal)
        select new StreamReader(Open(name[Prefix.Length..])!).ReadToEnd();

    private static Stream? Open(string name) => typeof(KernelManifest).Assembly.GetManifestResourceStream(Prefix + name);
}
