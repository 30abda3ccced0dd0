using System.Text;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using Silk.NET.OpenCL;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Runs a kernel with PoCL, which compiles OpenCL C for the processor.</summary>
internal sealed unsafe class OpenClKernelRunner : KernelRunner
{
    private readonly CL cl;
    private readonly nint device, context, queue;
    private readonly List<nint> buffers = [];
    private readonly List<int> lengths = [];
    private nint program, kernel;
    private Grid groups, groupSize;

    public OpenClKernelRunner()
    {
        DeviceList<OpenClDevice> list = OpenClDevices.List();
        Assert.SkipUnless(list.Devices.Any(d => d.Platform == "Portable Computing Language"), "PoCL is not installed: apt-get install ocl-icd-libopencl1 pocl-opencl-icd.");
        cl = CL.GetApi();
        device = Device();
        nint asked = device;
        int error;
        context = cl.CreateContext(null, 1, &asked, null, null, &error);
        Check(error);
        queue = cl.CreateCommandQueue(context, device, 0, &error);
        Check(error);
    }

    /// <summary>Text before the source's.</summary>
    public string Preamble { get; init; } = "";

    /// <summary>Compiles the kernel of a dispatch; what the compiler has to say is in the failure.</summary>
    public OpenClCall Compile(GpuDispatch dispatch)
    {
        Release();
        OpenClText written = OpenClSource.Write([dispatch]);
        int error;
        byte[] text = Encoding.UTF8.GetBytes(Preamble + written.Source + "\0");
        byte[] options = Encoding.UTF8.GetBytes(written.Options + "\0");
        byte[] name = Encoding.UTF8.GetBytes(written.Calls[0].Function + "\0");
        fixed (byte* first = text, option = options, called = name)
        {
            byte* start = first;
            program = cl.CreateProgramWithSource(context, 1, &start, null, &error);
            Check(error);
            nint asked = device;
            int built = cl.BuildProgram(program, 1, &asked, option, null, null);
            Assert.True(built == 0, $"{dispatch.Kernel.Name}: {(ErrorCodes)built}\n{Log()}");
            kernel = cl.CreateKernel(program, called, &error);
            Check(error);
        }
        return written.Calls[0];
    }

    /// <summary>A dispatch whose operands are buffers of their own.</summary>
    public static GpuDispatch Alone(Dispatch dispatch, KernelVariant variant)
    {
        KernelInfo info = KernelManifest.All[dispatch.Kernel];
        return new(0, dispatch, info, variant, [.. info.Buffers.Select(buffer => new GpuOperand(new GpuRange(GpuSpace.Arena, 0, 16), buffer))]);
    }

    public override void Prepare(Dispatch dispatch, KernelVariant variant, params uint[][] operands)
    {
        KernelInfo info = KernelManifest.All[dispatch.Kernel];
        OpenClCall call = Compile(Alone(dispatch, variant));
        (groups, groupSize) = (dispatch.Groups, dispatch.GroupSize);
        for (int i = 0; i < call.Buffers; i++)
        {
            uint[] words = [.. operands[i]];
            if (info.Buffers[i].Written) words.AsSpan().Fill(Untouched);
            int error;
            nint buffer;
            fixed (uint* first = words) buffer = cl.CreateBuffer(context, MemFlags.ReadWrite | MemFlags.CopyHostPtr, (nuint)words.Length * 4, first, &error);
            Check(error);
            buffers.Add(buffer);
            lengths.Add(words.Length);
            Check(cl.SetKernelArg(kernel, (uint)i, (nuint)sizeof(nint), &buffer));
        }
        fixed (byte* first = call.Given) Check(cl.SetKernelArg(kernel, (uint)call.Buffers, (nuint)call.Given.Length, first));
    }

    public override void Execute()
    {
        nuint* local = stackalloc nuint[] { (nuint)groupSize.X, (nuint)groupSize.Y, (nuint)groupSize.Z };
        nuint* size = stackalloc nuint[] { (nuint)(groups.X * groupSize.X), (nuint)(groups.Y * groupSize.Y), (nuint)(groups.Z * groupSize.Z) };
        Check(cl.EnqueueNdrangeKernel(queue, kernel, 3, null, size, local, 0, null, null));
        Check(cl.Finish(queue));
    }

    public override uint[] Read(int operand)
    {
        uint[] words = new uint[lengths[operand]];
        fixed (uint* first = words) Check(cl.EnqueueReadBuffer(queue, buffers[operand], true, 0, (nuint)words.Length * 4, first, 0, null, null));
        return words;
    }

    public override void Dispose()
    {
        Release();
        Check(cl.ReleaseCommandQueue(queue));
        Check(cl.ReleaseContext(context));
        cl.Dispose();
    }

    private void Release()
    {
        foreach (nint buffer in buffers) Check(cl.ReleaseMemObject(buffer));
        buffers.Clear();
        lengths.Clear();
        if (kernel != 0) Check(cl.ReleaseKernel(kernel));
        if (program != 0) Check(cl.ReleaseProgram(program));
        kernel = program = 0;
    }

    private nint Device()
    {
        uint count;
        nint* platforms = stackalloc nint[16];
        Check(cl.GetPlatformIDs(16, platforms, &count));
        byte* name = stackalloc byte[256];
        for (int i = 0; i < Math.Min(count, 16); i++)
        {
            nuint length;
            Check(cl.GetPlatformInfo(platforms[i], PlatformInfo.Name, 256, name, &length));
            if (!Encoding.UTF8.GetString(name, (int)length).StartsWith("Portable", StringComparison.Ordinal)) continue;
            nint found;
            Check(cl.GetDeviceIDs(platforms[i], DeviceType.All, 1, &found, null));
            return found;
        }
        throw new InvalidOperationException("PoCL has gone.");
    }

    private string Log()
    {
        nuint length;
        Check(cl.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, 0, null, &length));
        byte[] log = new byte[length];
        fixed (byte* first = log) Check(cl.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, length, first, null));
        return Encoding.UTF8.GetString(log);
    }

    private static void Check(int result) => Assert.Equal(ErrorCodes.Success, (ErrorCodes)result);
}
