using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Backends.Vulkan;
using Silk.NET.OpenCL;
using Silk.NET.Vulkan;
using Xunit;
using Buffer = Silk.NET.Vulkan.Buffer;

namespace EdgeRuntime.Tests.Backends;

/// <summary>The bindings at work: what is submitted to a device is done, on the first device of each interface.</summary>
public unsafe class BindingsTests
{
    private const uint Pattern = 0x12345678;

    [Fact]
    public void A_vulkan_device_fills_a_buffer()
    {
        Assert.SkipUnless(VulkanDevices.List().Devices.Count > 0, "No Vulkan device: apt-get install libvulkan1 mesa-vulkan-drivers.");
        using Vk vk = Vk.GetApi();
        var application = new ApplicationInfo { SType = StructureType.ApplicationInfo, ApiVersion = Vk.Version11 };
        var createInstance = new InstanceCreateInfo { SType = StructureType.InstanceCreateInfo, PApplicationInfo = &application };
        Instance instance;
        Check(vk.CreateInstance(&createInstance, null, &instance));
        uint one = 1;
        PhysicalDevice physical;
        Assert.True(vk.EnumeratePhysicalDevices(instance, &one, &physical) is Result.Success or Result.Incomplete);

        float priority = 1;
        var createQueue = new DeviceQueueCreateInfo { SType = StructureType.DeviceQueueCreateInfo, QueueCount = 1, PQueuePriorities = &priority };
        var createDevice = new DeviceCreateInfo { SType = StructureType.DeviceCreateInfo, QueueCreateInfoCount = 1, PQueueCreateInfos = &createQueue };
        Device device;
        Check(vk.CreateDevice(physical, &createDevice, null, &device));
        Queue queue;
        vk.GetDeviceQueue(device, 0, 0, &queue);

        var createBuffer = new BufferCreateInfo { SType = StructureType.BufferCreateInfo, Size = 1024, Usage = BufferUsageFlags.StorageBufferBit | BufferUsageFlags.TransferDstBit };
        Buffer buffer;
        Check(vk.CreateBuffer(device, &createBuffer, null, &buffer));
        MemoryRequirements needs;
        vk.GetBufferMemoryRequirements(device, buffer, &needs);
        var allocate = new MemoryAllocateInfo { SType = StructureType.MemoryAllocateInfo, AllocationSize = needs.Size, MemoryTypeIndex = Visible(vk, physical, needs.MemoryTypeBits) };
        DeviceMemory memory;
        Check(vk.AllocateMemory(device, &allocate, null, &memory));
        Check(vk.BindBufferMemory(device, buffer, memory, 0));

        var createPool = new CommandPoolCreateInfo { SType = StructureType.CommandPoolCreateInfo };
        CommandPool pool;
        Check(vk.CreateCommandPool(device, &createPool, null, &pool));
        var allocateCommands = new CommandBufferAllocateInfo { SType = StructureType.CommandBufferAllocateInfo, CommandPool = pool, Level = CommandBufferLevel.Primary, CommandBufferCount = 1 };
        CommandBuffer commands;
        Check(vk.AllocateCommandBuffers(device, &allocateCommands, &commands));
        var begin = new CommandBufferBeginInfo { SType = StructureType.CommandBufferBeginInfo, Flags = CommandBufferUsageFlags.OneTimeSubmitBit };
        Check(vk.BeginCommandBuffer(commands, &begin));
        vk.CmdFillBuffer(commands, buffer, 0, 1024, Pattern);
        Check(vk.EndCommandBuffer(commands));

        var createFence = new FenceCreateInfo { SType = StructureType.FenceCreateInfo };
        Fence fence;
        Check(vk.CreateFence(device, &createFence, null, &fence));
        var submit = new SubmitInfo { SType = StructureType.SubmitInfo, CommandBufferCount = 1, PCommandBuffers = &commands };
        Check(vk.QueueSubmit(queue, 1, &submit, fence));
        Check(vk.WaitForFences(device, 1, &fence, true, 60_000_000_000));
        void* mapped;
        Check(vk.MapMemory(device, memory, 0, 1024, 0, &mapped));
        Assert.Equal(-1, new ReadOnlySpan<uint>(mapped, 256).IndexOfAnyExcept(Pattern));

        vk.UnmapMemory(device, memory);
        vk.DestroyFence(device, fence, null);
        vk.DestroyCommandPool(device, pool, null);
        vk.DestroyBuffer(device, buffer, null);
        vk.FreeMemory(device, memory, null);
        vk.DestroyDevice(device, null);
        vk.DestroyInstance(instance, null);
    }

    [Fact]
    public void An_opencl_device_runs_a_kernel()
    {
        Assert.SkipUnless(OpenClDevices.List().Devices.Count > 0, "No OpenCL device: apt-get install ocl-icd-libopencl1 pocl-opencl-icd.");
        using CL cl = CL.GetApi();
        nint platform, device;
        Check(cl.GetPlatformIDs(1, &platform, null));
        Check(cl.GetDeviceIDs(platform, DeviceType.All, 1, &device, null));
        int error;
        nint context = cl.CreateContext(null, 1, &device, null, null, &error);
        Check(error);
        nint queue = cl.CreateCommandQueue(context, device, CommandQueueProperties.ProfilingEnable, &error);
        Check(error);
        nint buffer = cl.CreateBuffer(context, MemFlags.ReadWrite, 1024, null, &error);
        Check(error);
        nint program;
        fixed (byte* source = "__kernel void number(__global uint* y) { y[get_global_id(0)] = get_global_id(0) * 3u; }\0"u8)
        {
            byte* text = source;
            program = cl.CreateProgramWithSource(context, 1, &text, null, &error);
        }
        Check(error);
        Check(cl.BuildProgram(program, 1, &device, (byte*)null, null, null));
        nint kernel;
        fixed (byte* name = "number\0"u8) kernel = cl.CreateKernel(program, name, &error);
        Check(error);
        Check(cl.SetKernelArg(kernel, 0, (nuint)sizeof(nint), &buffer));
        nuint size = 256;
        nint timed;
        Check(cl.EnqueueNdrangeKernel(queue, kernel, 1, null, &size, null, 0, null, &timed));
        uint[] result = new uint[256];
        fixed (uint* into = result) Check(cl.EnqueueReadBuffer(queue, buffer, true, 0, 1024, into, 0, null, null));
        for (uint i = 0; i < 256; i++) Assert.Equal(i * 3, result[i]);
        ulong start, end;
        Check(cl.GetEventProfilingInfo(timed, ProfilingInfo.CommandStart, 8, &start, null));
        Check(cl.GetEventProfilingInfo(timed, ProfilingInfo.CommandEnd, 8, &end, null));
        Assert.True(end >= start);

        Check(cl.ReleaseEvent(timed));
        Check(cl.ReleaseKernel(kernel));
        Check(cl.ReleaseProgram(program));
        Check(cl.ReleaseMemObject(buffer));
        Check(cl.ReleaseCommandQueue(queue));
        Check(cl.ReleaseContext(context));
    }

    private static uint Visible(Vk vk, PhysicalDevice device, uint allowed)
    {
        const MemoryPropertyFlags wanted = MemoryPropertyFlags.HostVisibleBit | MemoryPropertyFlags.HostCoherentBit;
        PhysicalDeviceMemoryProperties memory;
        vk.GetPhysicalDeviceMemoryProperties(device, &memory);
        for (int i = 0; i < memory.MemoryTypeCount; i++)
            if ((allowed >> i & 1) != 0 && (memory.MemoryTypes[i].PropertyFlags & wanted) == wanted) return (uint)i;
        Assert.Fail("no memory that the host can write");
        return 0;
    }

    private static void Check(Result result) => Assert.Equal(Result.Success, result);

    private static void Check(int result) => Assert.Equal(ErrorCodes.Success, (ErrorCodes)result);
}
