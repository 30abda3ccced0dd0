using System.Text;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.TensorFlow;

namespace EdgeRuntime.Tools.Reports;

/// <summary>
/// Which operators of other formats can be imported, and what runs them: put together from the lists of importers, kernels and lowerings, so that it cannot say
/// anything else than they do.
/// </summary>
internal static class SupportTable
{
    /// <summary>The newest operator set of ONNX that is imported.</summary>
    public const string Opsets = "7 to 25";

    /// <summary>What prepares operands.</summary>
    private static readonly string[] Plumbing = ["Cast", "Reshape", "Transpose"];

    private static readonly HashSet<string> Views = [.. OperatorCatalog.Names.Where(n => OperatorCatalog.Create(n)!.IsView)];

    private static readonly HashSet<string> Tuned = [.. CpuKernels.Operators.Select(NameOf)], Shaders = [.. GpuKernels.Operators.Select(NameOf)];

    /// <summary>One operator.</summary>
    /// <param name="Name">Its name, with the domain unless that is ONNX's own.</param>
    /// <param name="Versions">The operator sets that have changed it.</param>
    /// <param name="Types">Its element types.</param>
    /// <param name="Becomes">Our operators that it may become.</param>
    /// <param name="Cpu">Who computes it on the CPU: kernel, definition, or both names.</param>
    /// <param name="Vulkan">Whether there are shaders, and for which operator there are none.</param>
    /// <param name="OpenCl">The same for OpenCL, which has the same shaders.</param>
    /// <param name="Int8">Whether it computes on 8-bit integers.</param>
    internal sealed record Row(string Name, string Versions, string Types, string Becomes, string Cpu, string Vulkan, string OpenCl, string Int8);

    /// <summary>All operators of ONNX.</summary>
    public static IReadOnlyList<Row> Onnx { get; } = [.. OnnxSupport.All.Select(RowOf)];

    /// <summary>The operators of TensorFlow.js.</summary>
    public static IReadOnlyList<string> TensorFlow { get; } = [.. TensorFlowOperators.Names];

    /// <summary>The table as a document.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append($"""
            # Operators

            What can be imported, and what runs it. This file is written by `edgert operators --markdown`; a test fails when it is out of date.

            ## ONNX

            {Onnx.Count} operators, operator sets {Opsets}; of older sets what did not change until 7. `since` lists the sets that changed an operator. Types are those of the elements it computes with; the importer turns
            what it may become into our own operators, with the transposes that their order of axes asks for; 16-bit floats are computed in 32 bits. On the CPU, `kernel` is tuned code, `definition` the plain one that every kernel is tested
            against; views and what is constant cost no step. What has no shader runs on the CPU, on Vulkan and OpenCL alike. `int8` says whether
            8-bit integers are computed as such: `quantized` where the model quantizes before and after an operator that is one of floats in ONNX.

            Texts have at most {TextElement.MostBytes} bytes of UTF-8. A sequence or an optional value is one tensor that holds its elements (`TensorSequence`). Random numbers come of the model's seed, or of the node's name where
            there is none, by a generator of our own: the same in each run and on each device, and others than ONNX Runtime's, as the standard leaves the generator open. Integers of 4 bits and
            floats of 8 can be constants, not inputs or results. Complex numbers and floats of 4 bits are not supported.

            | operator | since | types | becomes | CPU | Vulkan | OpenCL | int8 |
            |---|---|---|---|---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (Row row in Onnx) text.Append($"| {row.Name} | {row.Versions} | {row.Types} | {row.Becomes} | {row.Cpu} | {row.Vulkan} | {row.OpenCl} | {row.Int8} |\n");
        text.Append("\nNot imported:\n\n| operator | why |\n|---|---|\n");
        foreach ((string name, string reason) in OnnxSupport.Exceptions) text.Append($"| {name} | {reason} |\n");
        text.Append($"\n## TensorFlow.js\n\n{TensorFlow.Count} operators of graph models: {string.Join(", ", TensorFlow.Select(n => $"`{n}`"))}.\n");
        return text.ToString();
    }

    private static Row RowOf(OnnxSupport support)
    {
        string[] steps = [.. support.Operators.Where(o => !Views.Contains(o))], tuned = [.. steps.Where(Tuned.Contains)], shaded = [.. steps.Where(Shaders.Contains)];
        string cpu = steps.Length == 0 ? "none needed" : tuned.Length == steps.Length ? "kernel" : tuned.Length == 0 ? "definition" : $"kernel; {string.Join(", ", steps.Except(tuned))}: definition";
        string vulkan = steps.Length == 0 ? "none needed" : shaded.Length == steps.Length ? "yes" : shaded.Length == 0 ? "no: no shader" : $"but {string.Join(", ", steps.Except(shaded))}";
        bool bytes = support.Types.Split(' ').Any(t => t is "i8" or "u8" or "i8-i64" or "u8-u64");
        return new Row(support.Name, support.Versions, support.Types, support.Becomes, cpu, vulkan, vulkan, bytes ? "yes" : IsQuantized(support) ? "quantized" : "no");
    }

    /// <summary>Whether one of our operators computes it on integers where the model quantizes before and after it, although ONNX defines it for floats.</summary>
    private static bool IsQuantized(OnnxSupport support) =>
        support.Operators.Except(Plumbing).ToArray() is ["Conv" or "MatMul" or "Pool" or "Unary"] && support.Name is not ("LpPool" or "IsNaN" or "IsInf" or "Not" or "BitwiseNot");

    private static string NameOf(Type type) => ((Operator)Activator.CreateInstance(type)!).Name;
}
