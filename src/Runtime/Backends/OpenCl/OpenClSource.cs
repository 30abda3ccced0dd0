using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeRuntime.Backends.Gpu;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>How a dispatch is called.</summary>
/// <param name="Function">The kernel's function in the program.</param>
/// <param name="Buffers">How many arguments are buffers: number i is the whole buffer of the operand i's space, or of the last operand's where there are fewer.</param>
/// <param name="Given">The argument that follows them, by value: where operands begin in their buffers, sizes and parameters.</param>
internal sealed record OpenClCall(string Function, int Buffers, byte[] Given);

/// <summary>A program in OpenCL C.</summary>
/// <param name="Source">Its text; equal dispatches make equal texts.</param>
/// <param name="Options">What it is built with.</param>
/// <param name="Calls">How each dispatch is called, in their order.</param>
internal sealed record OpenClText(string Source, string Options, IReadOnlyList<OpenClCall> Calls);

/// <summary>Writes one program for many dispatches: drivers take long to begin with a program, and each form of a kernel that is compiled costs as much again.</summary>
internal static class OpenClSource
{
    /// <summary>What programs are built with: without warnings, and nothing that would let the compiler change results.</summary>
    public const string Options = "-cl-std=CL1.2 -w";

    /// <summary>The program of some dispatches, which all have the same precision.</summary>
    public static OpenClText Write(IReadOnlyList<GpuDispatch> dispatches)
    {
        var source = new StringBuilder();
        if (dispatches.Any(d => d.Variant.HalfStorage)) source.Append("#define HALF_STORAGE\n");
        if (dispatches.Any(d => d.Variant.HalfArithmetic)) source.Append("#pragma OPENCL EXTENSION cl_khr_fp16 : enable\n");
        source.Append(KernelManifest.OpenClText("prelude"));
        var forms = new Dictionary<(string Kernel, string Form), string>();
        var calls = new OpenClCall[dispatches.Count];
        for (int i = 0; i < calls.Length; i++)
        {
            GpuDispatch dispatch = dispatches[i];
            OpenClKernel kernel = OpenClKernel.Of(dispatch.Kernel.Name);
            var form = (dispatch.Kernel.Name, kernel.Form(dispatch));
            if (!forms.TryGetValue(form, out string? suffix))
            {
                forms[form] = suffix = Suffix(forms.Count);
                // A kernel before may have forbidden it, for all that follows.
                source.Append("#pragma OPENCL FP_CONTRACT ON\n");
                kernel.Write(source, dispatch, suffix);
            }
            calls[i] = new OpenClCall(OpenClKernel.FunctionName(dispatch.Kernel.Name) + suffix, dispatch.Operands.Length, Given(dispatch, kernel));
        }
        return new OpenClText(source.ToString(), Options, calls);
    }

    /// <summary>Digest of all that a form is compiled from.</summary>
    /// <param name="dispatch">A dispatch of that form.</param>
    /// <param name="form">The form, see <see cref="FormOf"/>.</param>
    public static string DigestOf(GpuDispatch dispatch, string form) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{Options}\n{KernelManifest.OpenClText("prelude")}\n{form}\n{KernelManifest.OpenClText(dispatch.Kernel.Name)}")));

    /// <summary>The function of the form that was written as so many others were before.</summary>
    public static string FunctionOf(GpuDispatch dispatch, int number) => OpenClKernel.FunctionName(dispatch.Kernel.Name) + Suffix(number);

    private static string Suffix(int number) => string.Create(CultureInfo.InvariantCulture, $"_{number}");

    private static byte[] Given(GpuDispatch dispatch, OpenClKernel kernel)
    {
        int half = dispatch.Variant.HalfStorage ? 2 : 4;
        int[] offsets = [.. dispatch.Operands.Select(o => checked((int)(o.Range.Offset / Bytes(o.Buffer.Element, half))))];
        return MemoryMarshal.AsBytes([.. offsets, .. kernel.Sizes(dispatch.Dispatch), .. dispatch.Dispatch.Parameters]).ToArray();
    }

    private static int Bytes(KernelElement element, int real) => element switch
    {
        KernelElement.Float => real,
        KernelElement.Float4 => 4 * real,
        KernelElement.UInt4 => 16,
        _ => 4,
    };

    /// <summary>By what the compiled form of a dispatch is known: dispatches that are equal in it share a function.</summary>
    public static string FormOf(GpuDispatch dispatch) => $"{dispatch.Kernel.Name} {dispatch.Variant}\n{OpenClKernel.Of(dispatch.Kernel.Name).Form(dispatch)}";

    /// <summary>The argument of a dispatch that follows its buffers.</summary>
    public static byte[] GivenTo(GpuDispatch dispatch) => Given(dispatch, OpenClKernel.Of(dispatch.Kernel.Name));
}
